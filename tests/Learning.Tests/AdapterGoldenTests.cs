using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.Sft;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class AdapterGoldenTests : IDisposable
{
    private static readonly OptimizerOptions Options = new() { LearningRate = 1e-2, WeightDecay = 0.01 };

    private readonly BaseModel _model = Fixtures.Model("models/bloom");
    private readonly Dictionary<string, TensorData> _golden = Fixtures.Read("adapters/bloom/golden.safetensors");

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Logits_AdapterOnOffAndMerged_EqualPeft()
    {
        using var adapter = Adapter(trainable: false);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (ids, mask) = (_golden["input_ids"].LongTensor(), _golden["attention_mask"].LongTensor());
        var counts = mask.to(torch.ScalarType.Bool).unsqueeze(-1).expand(_golden["logits_adapter_on"].Shape);

        AssertLogits("logits_adapter_on", _model, adapter);
        AssertLogits("logits_adapter_off", _model, null);

        var merged = adapter.MergeInto(_model).ToDictionary(t => t.Name);
        foreach (var (name, expected) in _golden.Where(t => t.Key.StartsWith("merged.", StringComparison.Ordinal)))
        {
            Fixtures.AssertClose(expected.Floats(), merged[name["merged.".Length..]].Floats(), 1e-6);
        }

        using var mergedModel = BaseModel.FromTensors(_model.Config, merged);
        AssertLogits("logits_adapter_on", mergedModel, null);

        void AssertLogits(string name, BaseModel model, ParameterSet? parameters)
        {
            var hidden = CausalModel.Hidden(model, parameters, ids, mask.to(torch.ScalarType.Float32), null);
            Fixtures.AssertClose(
                _golden[name].FloatTensor().masked_select(counts).data<float>().ToArray(),
                CausalModel.Logits(model, parameters, hidden).masked_select(counts).data<float>().ToArray(),
                1e-4);
        }
    }

    [Theory]
    [InlineData("sft_paper", SftNormalizer.Rows, 3)]
    [InlineData("sft_paper", SftNormalizer.Rows, 1)]
    [InlineData("sft_token", SftNormalizer.Tokens, 3)]
    [InlineData("sft_token", SftNormalizer.Tokens, 2)]
    public void Step_ThreeTimes_EqualsReference(string name, SftNormalizer normalizer, int microBatch)
    {
        using var state = TrainingState.Create(Adapter(trainable: true), Options);
        var blocks = Rows().Chunk(microBatch).Select(SequenceBlock.From).ToList();
        for (var step = 0; step < 3; step++)
        {
            var metrics = SftTrainer.Step(_model, state, blocks, Options, 1e-2, 0, 1, normalizer);
            Assert.Equal(_golden[$"{name}_loss_{step}"].Floats()[0], metrics[MetricNames.Loss], 1e-5);
            Assert.Equal(_golden[$"{name}_grad_norm_{step}"].Floats()[0], metrics[MetricNames.GradNorm], 1e-5);
        }

        var differences = state.Parameters.ToTensors()
            .SelectMany(t => t.Floats().Zip(_golden[$"{name}_after3.{t.Name}"].Floats(), (a, b) => Math.Abs(a - b))).ToList();
        Assert.True(differences.Max() < 2e-3, $"largest difference {differences.Max()}");
        Assert.True(differences.Count(d => d < 1e-5) >= 0.99 * differences.Count, "fewer than 99 % within 1e-5");
    }

    [Fact]
    public void Losses_GoldenRows_MeanIsThePaperLoss()
    {
        using var adapter = Adapter(trainable: false);
        var losses = SftTrainer.Losses(_model, adapter, SequenceBlock.From(Rows()));
        Assert.Equal(_golden["sft_paper_loss_0"].Floats()[0], losses.Average(), 1e-5);
    }

    private ParameterSet Adapter(bool trainable) => ParameterSet.FromTensors(
        _model, [.. Fixtures.Read("adapters/bloom/adapter_model.safetensors").Values], isLora: true, scale: 4, trainable);

    private (int[] Prompt, int[] Response)[] Rows()
    {
        var prompts = _golden["prompt_lens"].Longs();
        return [.. Fixtures.RealTokens(_golden["input_ids"], _golden["attention_mask"])
            .Select((row, i) => (row[..(int)prompts[i]], row[(int)prompts[i]..]))];
    }
}
