using System.Buffers.Binary;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.Tests.Safetensors;

public sealed class SafetensorsReaderTests
{
    [Fact]
    public void ReadFile_ReferenceFile_EqualsRead()
    {
        var inMemory = SafetensorsReader.Read(Fixture.Read("models/bloom/model.safetensors"), "test");

        var mapped = SafetensorsReader.ReadFile(Fixture.Path("models/bloom/model.safetensors"));

        Assert.Equal(inMemory.Count, mapped.Count);
        Assert.Equal([320L, 64L], mapped["transformer.word_embeddings.weight"].Shape);
        foreach (var tensor in inMemory)
        {
            Assert.Equal(tensor.Data.ToArray(), mapped[tensor.Name].Data.ToArray());
        }
    }

    [Fact]
    public void ReadFile_FileReplaced_NewContentAndOldViewsStayValid()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("a.safetensors");
        SafetensorsWriter.WriteFile(path, [new TensorData("a", TensorDType.U8, [1], new byte[] { 1 })]);
        var old = SafetensorsReader.ReadFile(path)["a"];

        SafetensorsWriter.WriteFile(path, [new TensorData("a", TensorDType.U8, [2], new byte[] { 2, 3 })]);

        Assert.Equal([2, 3], SafetensorsReader.ReadFile(path)["a"].Data.ToArray());
        Assert.Equal([1], old.Data.ToArray());
    }

    [Fact]
    public void ReadFile_NoSuchFile_ModelMissing() => Assert.Equal(
        "/nowhere/a.safetensors",
        Problems.ExpectOne(ErrorCodes.ModelMissing, () => SafetensorsReader.ReadFile("/nowhere/a.safetensors")).File);

    [Fact]
    public void ReadFile_EmptyFile_ModelDamaged()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("a.safetensors"), []);

        Problems.ExpectOne(ErrorCodes.ModelDamaged, () => SafetensorsReader.ReadFile(folder.File("a.safetensors")));
    }

    [Fact]
    public void Read_EveryTruncation_SaysSoAndByHowMuch()
    {
        var file = Fixture.Read("adapters/bloom/adapter_model.safetensors");

        foreach (var length in (int[])[0, 7, 8, 100, 599, 600, 601, file.Length - 1])
        {
            var problem = Problems.ExpectOne(
                ErrorCodes.ModelDamaged, () => SafetensorsReader.Read(file.AsMemory(0, length), "the.file"));
            Assert.Equal("the.file", problem.File);
            Assert.Contains("the file is truncated", problem.Message, StringComparison.Ordinal);
            Assert.Contains($"the file has {length}; download or copy it again", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_Longer_ModelDamaged() => Assert.Contains(
        "3 bytes after its last tensor",
        Damage("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 5),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}""", 5, "gap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "gap")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "takes 8 bytes")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2, "F8_E4M3")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}""", 2, "shape")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,2]}}""", 2, "shape")]
    [InlineData("""{"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,2]}}""", 2, "too large")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}""", 2, "data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2]}}""", 2, "lacks")]
    [InlineData("""{"a":7}""", 0, "lacks")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__")]
    [InlineData("[1, 2]", 0, "not a JSON object")]
    [InlineData("{\"a\":", 0, "not JSON")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 2, "UTF-8")]
    public void Read_Inconsistent_ModelDamaged(string header, int dataLength, string expected) =>
        Assert.Contains(expected, Damage(header, dataLength), StringComparison.Ordinal);

    [Fact]
    public void Read_HeaderLengthAbsurd_ModelDamaged()
    {
        var file = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);

        var problem = Problems.ExpectOne(ErrorCodes.ModelDamaged, () => SafetensorsReader.Read(file, "f"));

        Assert.Contains("not a safetensors file", problem.Message, StringComparison.Ordinal);
    }

    private static string Damage(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)json.Length);
        json.CopyTo(file, 8);
        return Problems.ExpectOne(ErrorCodes.ModelDamaged, () => SafetensorsReader.Read(file, "the.file")).Message;
    }
}
