using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.RewardModel;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class RewardGoldenTests : IDisposable
{
    private static readonly OptimizerOptions Options = new() { LearningRate = 1e-3 };

    private readonly BaseModel _model = Fixtures.Model("reward/bloom");
    private readonly Dictionary<string, TensorData> _golden = Fixtures.Read("reward/bloom/golden.safetensors");

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Scores_RightAndLeftPadded_EqualReference()
    {
        using var parameters = Parameters(trainable: false);
        Fixtures.AssertClose(_golden["chosen_0"].Floats(), RewardTrainer.Scores(_model, parameters, Block("chosen")), 1e-4);
        Fixtures.AssertClose(_golden["rejected_0"].Floats(), RewardTrainer.Scores(_model, parameters, Block("rejected")), 1e-4);

        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var hidden = CausalModel.Hidden(
            _model, parameters, _golden["chosen_ids_left"].LongTensor(), _golden["chosen_mask_left"].LongTensor().to(torch.ScalarType.Float32), null);
        var scores = CausalModel.Head(parameters, hidden.select(1, -1));
        Fixtures.AssertClose(_golden["chosen_0"].Floats(), scores.data<float>().ToArray(), 1e-4);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(1)]
    public void Step_ThreeTimes_EqualsReference(int microBatch)
    {
        using var state = TrainingState.Create(Parameters(trainable: true), Options);
        var pairs = Block("chosen").ToRows().Zip(Block("rejected").ToRows())
            .Chunk(microBatch)
            .Select(c => (SequenceBlock.From([.. c.Select(p => p.First)]), SequenceBlock.From([.. c.Select(p => p.Second)])))
            .ToList();
        for (var step = 0; step < 3; step++)
        {
            var tolerance = step < 2 ? 1e-5 : 1e-3;
            var expected = _golden[$"chosen_{step}"].Floats().Zip(_golden[$"rejected_{step}"].Floats(), (c, r) => c - r).ToList();
            var metrics = RewardTrainer.Step(_model, state, pairs, Options, 1e-3, 0, 1);
            Assert.Equal(_golden[$"loss_{step}"].Floats()[0], metrics[MetricNames.Loss], tolerance);
            Assert.Equal(_golden[$"grad_norm_{step}"].Floats()[0], metrics[MetricNames.GradNorm], tolerance);
            Assert.Equal(expected.Average(), metrics[MetricNames.RewardMargin], step < 2 ? 1e-4 : 1e-3);
            Assert.Equal(expected.Count(m => m > 0) / 4.0, metrics[MetricNames.RewardAccuracy]);
        }

        var head = state.Parameters.ToTensors().Single(t => t.Name == "score.weight");
        Fixtures.AssertClose(_golden["score_weight_after3"].Floats(), head.Floats(), 2e-3);
    }

    [Fact]
    public void FoldNormalization_Scores_BecomeNormalised()
    {
        using var parameters = Parameters(trainable: true);
        var raw = RewardTrainer.Scores(_model, parameters, Block("chosen"));
        parameters.FoldNormalization(0.7, 2.5);
        var folded = RewardTrainer.Scores(_model, parameters, Block("chosen"));
        Fixtures.AssertClose([.. raw.Select(s => (s - 0.7f) / 2.5f)], folded, 1e-5);
    }

    private ParameterSet Parameters(bool trainable) => ParameterSet.FromTensors(
        _model, [.. Fixtures.Read("reward/bloom/model.safetensors").Values], isLora: false, scale: 1, trainable);

    private SequenceBlock Block(string which) => SequenceBlock.From(
        [.. Fixtures.RealTokens(_golden[which + "_ids"], _golden[which + "_mask"]).Select(row => (Prompt: row[..1], Response: row[1..]))]);
}
