using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.Pretraining;
using ClinicalGpt.Orleans.Learning.RewardModel;
using ClinicalGpt.Orleans.Learning.Sft;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class ResumeTests : IDisposable
{
    private static readonly OptimizerOptions Options = new() { LearningRate = 1e-2, WeightDecay = 0.01 };

    private readonly BaseModel _model = Fixtures.Tiny();

    public void Dispose() => _model.Dispose();

    [Theory]
    [InlineData("lora")]
    [InlineData("full")]
    [InlineData("reward")]
    public void Steps_TwoPlusTwo_EqualFourBitForBit(string kind)
    {
        using var straight = TrainingState.Create(Start(kind), Options);
        using var first = TrainingState.Create(Start(kind), Options);
        for (var step = 0; step < 4; step++)
        {
            Step(kind, straight, step);
        }

        Step(kind, first, 0);
        Step(kind, first, 1);
        using var resumed = RoundTrip(_model, first, Options);
        Step(kind, resumed, 2);
        Step(kind, resumed, 3);

        Fixtures.AssertSameBytes(straight.Parameters.ToTensors(), resumed.Parameters.ToTensors());
        Fixtures.AssertSameBytes(straight.Optimizer.ToTensors(), resumed.Optimizer.ToTensors());
        Assert.Equal(4, resumed.Optimizer.StepCount);
    }

    [Fact]
    public void LanguageModel_FewSteps_LossFallsAndBaseIsUntouched()
    {
        var before = _model.ToTensors();
        using var state = TrainingState.Create(ParameterSet.CreateFull(_model), Options);
        var losses = Enumerable.Range(0, 12).Select(i =>
            LanguageModelTrainer.Step(_model, state, Windows(), Options, 5e-3)[MetricNames.Loss]).ToList();
        Assert.True(losses[^1] < losses[0] - 1, $"loss went from {losses[0]:F3} to {losses[^1]:F3}");
        Fixtures.AssertSameBytes(before, _model.ToTensors());
    }

    [Fact]
    public void Step_LossNotFinite_RefusedAndNothingChanged()
    {
        using var start = Start("lora");
        var poisoned = start.ToTensors().Select((t, i) => i == 0 ? t with { Data = NanBytes(t) } : t).ToList();
        using var state = TrainingState.Create(ParameterSet.FromTensors(_model, poisoned, true, 4, trainable: true), Options);
        var before = state.Parameters.ToTensors();
        var error = Assert.Throws<ProblemException>(() => Step("lora", state, 0));
        Assert.Equal(ErrorCodes.NonFinite, error.Problems[0].Code);
        Assert.Equal(0, state.Optimizer.StepCount);
        Fixtures.AssertSameBytes(before, state.Parameters.ToTensors());
    }

    [Fact]
    public void CreateLora_Fresh_ModelUnchangedAndSeeded()
    {
        using var adapter = Start("lora");
        var block = Fixtures.Sequences(4, 96);
        Fixtures.AssertClose(SftTrainer.Losses(_model, null, block), SftTrainer.Losses(_model, adapter, block), 0);
        using var again = Start("lora");
        Fixtures.AssertSameBytes(adapter.ToTensors(), again.ToTensors());
        using var other = ParameterSet.CreateLora(_model, new AdapterOptions(), 78);
        Assert.False(adapter.ToTensors()[0].Data.Span.SequenceEqual(other.ToTensors()[0].Data.Span));
        Assert.Throws<ProblemException>(() => ParameterSet.CreateLora(_model, new AdapterOptions { Targets = ["q_proj"] }, 1));
    }

    [Fact]
    public void FromTensors_FactorWithoutPartner_NamesTheMissingTensor()
    {
        using var adapter = Start("lora");
        var half = adapter.ToTensors().Skip(1).ToList();
        var error = Assert.Throws<ProblemException>(() => ParameterSet.FromTensors(_model, half, true, 4, trainable: false));
        Assert.Equal("base_model.model.transformer.h.0.self_attention.query_key_value.lora_A.weight", Assert.Single(error.Problems).Key);
    }

    internal static TrainingState RoundTrip(BaseModel model, TrainingState state, OptimizerOptions options) => TrainingState.FromTensors(
        model, state.Parameters.ToTensors(), state.Parameters.IsLora, state.Parameters.Scale, state.Optimizer.ToTensors(), options);

    private ParameterSet Start(string kind)
    {
        if (kind == "full")
        {
            return ParameterSet.CreateFull(_model);
        }

        var lora = ParameterSet.CreateLora(_model, new AdapterOptions(), 77);
        if (kind == "reward")
        {
            lora.AddHead(6);
        }

        return lora;
    }

    private void Step(string kind, TrainingState state, int step)
    {
        if (kind == "full")
        {
            LanguageModelTrainer.Step(_model, state, Windows(), Options, 1e-2);
        }
        else if (kind == "reward")
        {
            (SequenceBlock, SequenceBlock)[] pairs = [(Fixtures.Sequences(4, 96, step), Fixtures.Sequences(4, 96, step + 50))];
            RewardTrainer.Step(_model, state, pairs, Options, 1e-2, 0.1, (ulong)step);
        }
        else
        {
            SftTrainer.Step(_model, state, [Fixtures.Sequences(4, 96, step)], Options, 1e-2, 0.1, (ulong)step);
        }
    }

    private static int[][] Windows() => [.. Enumerable.Range(0, 4).Select(row => Enumerable.Range(0, 16).Select(i => 4 + (row * 7 + i * 3) % 90).ToArray())];

    private static byte[] NanBytes(TensorData tensor) => [.. Enumerable.Repeat(BitConverter.GetBytes(float.NaN), (int)tensor.Count).SelectMany(b => b)];
}
