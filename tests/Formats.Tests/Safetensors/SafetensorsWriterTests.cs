using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.Tests.Safetensors;

public sealed class SafetensorsWriterTests
{
    private static readonly Dictionary<string, string> Metadata = new() { ["format"] = "pt", ["b"] = "药 \"x\"" };

    [Theory]
    [InlineData("models/bloom/model.safetensors")]
    [InlineData("adapters/bloom/adapter_model.safetensors")]
    [InlineData("reward/bloom/model.safetensors")]
    public void Write_TensorsOfReferenceFile_EqualsReferenceFile(string fixture)
    {
        var file = Fixture.Read(fixture);

        var written = SafetensorsWriter.Write(
            SafetensorsReader.Read(file, fixture).Reverse(), SafetensorsReader.ReadMetadata(file, fixture));

        Assert.Equal(file, written);
    }

    [Fact]
    public void Write_EveryDType_ReadsBackEqual()
    {
        var tensors = AllDTypes();

        var read = SafetensorsReader.Read(SafetensorsWriter.Write(tensors, Metadata), "test");

        Assert.Equal(tensors.Select(tensor => tensor.Name).Order(), read.Select(tensor => tensor.Name).Order());
        foreach (var tensor in read)
        {
            var original = tensors.Single(other => other.Name == tensor.Name);
            Assert.Equal(original.DType, tensor.DType);
            Assert.Equal(original.Shape, tensor.Shape);
            Assert.Equal(original.Data.ToArray(), tensor.Data.ToArray());
        }
    }

    [Fact]
    public void Write_OtherOrder_SameBytesAlignedToEight()
    {
        var tensors = AllDTypes();

        var file = SafetensorsWriter.Write(tensors, Metadata);

        var otherMetadata = Metadata.Reverse().ToDictionary();
        Assert.Equal(file, SafetensorsWriter.Write(tensors.AsEnumerable().Reverse(), otherMetadata));
        Assert.Equal(0, BitConverter.ToInt64(file) % 8);
        Assert.Equal(Metadata, SafetensorsReader.ReadMetadata(file, "test"));
    }

    [Fact]
    public void Write_WidthsMixed_EveryTensorIsAligned()
    {
        var file = SafetensorsWriter.Write(AllDTypes());

        var position = 8 + BitConverter.ToInt64(file);
        foreach (var tensor in SafetensorsReader.Read(file, "test"))
        {
            Assert.Equal(0, position % TensorData.ElementSize(tensor.DType));
            position += tensor.Data.Length;
        }
    }

    [Fact]
    public void Write_TwoOfOneName_Throws()
    {
        var tensor = new TensorData("a", TensorDType.U8, [1], new byte[1]);

        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write([tensor, tensor]));
    }

    [Fact]
    public void Write_DataOfOtherSize_Throws() => Assert.Throws<ArgumentException>(
        () => SafetensorsWriter.Write([new TensorData("a", TensorDType.F32, [2], new byte[7])]));

    [Fact]
    public void WriteFile_Tensors_SameBytesAsInMemoryAndNothingLeftOver()
    {
        using var folder = new TemporaryFolder();

        SafetensorsWriter.WriteFile(folder.File("a.safetensors"), AllDTypes(), Metadata);

        Assert.Equal(SafetensorsWriter.Write(AllDTypes(), Metadata), File.ReadAllBytes(folder.File("a.safetensors")));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void WriteFile_NoSuchFolder_WriteFailed()
    {
        using var folder = new TemporaryFolder();

        Problems.ExpectOne(
            ErrorCodes.WriteFailed, () => SafetensorsWriter.WriteFile(folder.File("none/a.safetensors"), AllDTypes()));
    }

    [Fact]
    public void Write_NoTensors_IsHeaderAlone()
    {
        var file = SafetensorsWriter.Write([]);

        Assert.Equal("{}      ", Encoding.UTF8.GetString(file.AsSpan(8)));
        Assert.Empty(SafetensorsReader.Read(file, "test"));
    }

    private static List<TensorData> AllDTypes()
    {
        var tensors = new List<TensorData>();
        foreach (var dtype in Enum.GetValues<TensorDType>())
        {
            foreach (var shape in (long[][])[[], [3], [1, 5], [0, 4]])
            {
                var data = new byte[shape.Aggregate(1L, (a, b) => a * b) * TensorData.ElementSize(dtype)];
                new Random(tensors.Count).NextBytes(data);
                tensors.Add(new TensorData($"{dtype}.{string.Join('x', shape)}", dtype, shape, data));
            }
        }

        return tensors;
    }
}
