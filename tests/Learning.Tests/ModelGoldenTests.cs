using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class ModelGoldenTests
{
    [Theory]
    [InlineData("models/bloom")]
    [InlineData("models/bloom-heads-not-power-of-two")]
    public void Logits_LeftPaddedAndAlone_EqualTransformers(string folder)
    {
        var golden = Fixtures.Read($"{folder}/golden.safetensors");
        using var model = Fixtures.Model(folder);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();

        var (ids, mask) = (golden["input_ids"].LongTensor(), golden["attention_mask"].LongTensor());
        var hidden = CausalModel.Hidden(model, null, ids, mask.to(torch.ScalarType.Float32), null);
        var logits = CausalModel.Logits(model, null, hidden);
        AssertUnderMask(golden["last_hidden_left_padded"].FloatTensor(), hidden, mask);
        AssertUnderMask(golden["logits_left_padded"].FloatTensor(), logits, mask);

        var rows = Fixtures.RealTokens(golden["input_ids"], golden["attention_mask"]);
        for (var row = 0; row < rows.Length; row++)
        {
            var alone = torch.tensor(rows[row].Select(t => (long)t).ToArray(), [1, rows[row].Length]);
            var single = CausalModel.Logits(model, null, CausalModel.Hidden(model, null, alone, torch.ones(1, rows[row].Length), null));
            Fixtures.AssertClose(golden[$"logits_unpadded_row{row}"].Floats(), single.data<float>().ToArray(), 1e-4);
        }
    }

    [Theory]
    [InlineData("models/bloom")]
    [InlineData("models/bloom-heads-not-power-of-two")]
    public void Generate_Greedy_EqualsTransformers(string folder)
    {
        var golden = Fixtures.Read($"{folder}/golden.safetensors");
        using var model = Fixtures.Model(folder);
        var prompts = Fixtures.RealTokens(golden["input_ids"], golden["attention_mask"]);
        var block = SequenceBlock.From([.. prompts.Select(p => (p, Array.Empty<int>()))]);

        var result = Sampler.Generate(model, null, block, new SamplingSettings { Temperature = 0, MaxResponseTokens = 24 }, new ulong[4]);

        var (expected, width) = (golden["greedy_generate"].Longs(), (int)golden["input_ids"].Shape[1]);
        var rows = result.Sequences.ToRows();
        for (var row = 0; row < rows.Count; row++)
        {
            var continuation = expected.Skip(row * (width + 24) + width).Take(24).Select(t => (int)t).ToList();
            var end = continuation.IndexOf(model.Config.EosTokenId);
            Assert.Equal(end < 0 ? continuation : continuation.Take(end + 1), rows[row].Response);
            Assert.Equal(end < 0 ? FinishReason.Length : FinishReason.Eos, result.FinishReasons[row]);
        }
    }

    [Fact]
    public void FromTensors_NamesWithoutPrefixAndBf16_AreAccepted()
    {
        var stripped = Fixtures.Read("models/bloom/model.safetensors").Values
            .Select(t => new TensorData(t.Name["transformer.".Length..], TensorDType.BF16, t.Shape, ToBf16(t))).ToDictionary(t => t.Name);
        using var model = BaseModel.FromTensors(Fixtures.Config("models/bloom"), stripped);
        using var exact = Fixtures.Model("models/bloom");
        Assert.Equal(exact.ParameterBytes, model.ParameterBytes);
        foreach (var (a, b) in exact.ToTensors().Zip(model.ToTensors()))
        {
            Assert.Equal(a.Name, b.Name);
            Assert.All(a.Floats().Zip(b.Floats()), p => Assert.InRange(p.Second, p.First - Math.Abs(p.First) / 128, p.First + Math.Abs(p.First) / 128));
        }
    }

    [Fact]
    public void FromTensors_MissingAndMisshapenTensors_AllReported()
    {
        var tensors = Fixtures.Read("models/bloom/model.safetensors");
        tensors.Remove("transformer.ln_f.weight");
        var wrong = tensors["transformer.ln_f.bias"];
        tensors["transformer.ln_f.bias"] = wrong with { Shape = [32], Data = wrong.Data[..128] };

        var error = Assert.Throws<ProblemException>(() => BaseModel.FromTensors(Fixtures.Config("models/bloom"), tensors));

        Assert.Equal(["transformer.ln_f.weight", "transformer.ln_f.bias"], error.Problems.Select(p => p.Key));
        Assert.All(error.Problems, p => Assert.Equal(ErrorCodes.ModelTensorMismatch, p.Code));
    }

    private static void AssertUnderMask(torch.Tensor expected, torch.Tensor actual, torch.Tensor mask)
    {
        var counts = mask.to(torch.ScalarType.Bool).unsqueeze(-1).expand(expected.shape);
        Fixtures.AssertClose(
            expected.masked_select(counts).data<float>().ToArray(), actual.masked_select(counts).data<float>().ToArray(), 1e-4);
    }

    private static byte[] ToBf16(TensorData tensor) =>
        [.. tensor.Floats().SelectMany(f => BitConverter.GetBytes((ushort)(BitConverter.SingleToUInt32Bits(f) >> 16)))];
}
