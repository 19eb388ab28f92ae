using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Native;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.Ppo;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class PpoLearnerTests : IDisposable
{
    private static readonly OptimizerOptions Fast = new() { LearningRate = 1e-2, WarmupRatio = 0, Schedule = "constant" };

    private readonly BaseModel _model = Fixtures.Tiny();
    private readonly ParameterSet _sft;

    public PpoLearnerTests() => _sft = SamplerTests.LoraWithNoise(_model);

    public void Dispose()
    {
        _sft.Dispose();
        _model.Dispose();
    }

    [Theory]
    [InlineData(16, 0.0)]
    [InlineData(5, 1e-6)]
    public void Learn_LearningRateZero_RatioIsOneAndNothingChanges(int minibatch, double tolerance)
    {
        var options = Options(Fast with { LearningRate = 0 }) with { MinibatchSize = minibatch };
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        var before = policy.Parameters.ToTensors();

        var metrics = PpoLearner.Learn(_model, policy, critic, Experience(), options, 1, 0, 100).Metrics;

        Assert.InRange(metrics[MetricNames.Ratio], 1 - tolerance, 1 + tolerance);
        Assert.Equal(0, metrics[MetricNames.ClipFraction]);
        Assert.InRange(metrics[MetricNames.ApproxKl], 0, tolerance);
        Fixtures.AssertSameBytes(before, policy.Parameters.ToTensors());
    }

    [Fact]
    public void Learn_PolicyIsReference_KlIsExactlyZeroAndMetricsAreComplete()
    {
        var options = Options(Fast);
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        var outcome = PpoLearner.Learn(_model, policy, critic, Experience(), options, 1, 0, 100);

        Assert.All(outcome.SequenceKl, kl => Assert.Equal(0, kl));
        Assert.Equal(0, outcome.Metrics[MetricNames.Kl]);
        Assert.InRange(outcome.Metrics[MetricNames.SamplerGap], 0, 1e-4);
        Assert.Equal(4, policy.Optimizer.StepCount); // 2 epochs of 2 minibatches
        Assert.Equal(4, critic.Optimizer.StepCount);
        string[] expected =
        [
            MetricNames.Scores, MetricNames.RlhfReward, MetricNames.NonScoreReward, MetricNames.Kl, MetricNames.KlCoef, MetricNames.Entropy,
            MetricNames.ApproxKl, MetricNames.ClipFraction, MetricNames.PolicyLoss, MetricNames.ValueLoss, MetricNames.ValueClipFraction,
            MetricNames.ExplainedVariance, MetricNames.Ratio, MetricNames.ResponseLength, MetricNames.MissingEos, MetricNames.SamplerGap,
            MetricNames.GradNorm, MetricNames.CriticGradNorm, MetricNames.LearningRate,
        ];
        Assert.Equal(expected.Order(), outcome.Metrics.Keys.Order());
        Assert.All(outcome.Metrics.Values, v => Assert.True(double.IsFinite(v)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Learn_LowTokensAreRewarded_TheyBecomeFrequentUnlessScoresAreShuffled(bool shuffled)
    {
        var options = Options(Fast) with { KlCoef = 0.01, ShuffleScores = shuffled };
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        var scores = new List<double>();
        for (var iteration = 0; iteration < 30; iteration++)
        {
            var batch = Experience(policy.Parameters, iteration, row => 2 * row.Response.Count(t => t < 40) / (float)row.Response.Length - 1);
            batch = batch with { FinishReasons = new FinishReason[16], KlCoef = 0.01 };
            scores.Add(PpoLearner.Learn(_model, policy, critic, batch, options, (ulong)iteration, 4 * iteration, 120).Metrics[MetricNames.Scores]);
        }

        var gain = scores.TakeLast(5).Average() - scores.Take(5).Average();
        Assert.True(shuffled ? gain < 0.25 : gain > 0.5, $"mean score rose by {gain:F3}");
    }

    [Fact]
    public void Learn_TwoIterationsWithRoundTrip_EqualUninterrupted()
    {
        var options = Options(Fast);
        using var straightPolicy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var straightCritic = Critic(options);
        using var startPolicy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var startCritic = Critic(options);
        var batch = Experience();
        PpoLearner.Learn(_model, straightPolicy, straightCritic, batch, options, 1, 0, 8);
        PpoLearner.Learn(_model, straightPolicy, straightCritic, batch, options, 2, 4, 8);

        PpoLearner.Learn(_model, startPolicy, startCritic, batch, options, 1, 0, 8);
        using var policy = ResumeTests.RoundTrip(_model, startPolicy, options.Optimizer);
        using var critic = ResumeTests.RoundTrip(_model, startCritic, options.CriticOptimizer);
        PpoLearner.Learn(_model, policy, critic, batch, options, 2, 4, 8);

        Fixtures.AssertSameBytes(straightPolicy.Parameters.ToTensors(), policy.Parameters.ToTensors());
        Fixtures.AssertSameBytes(straightCritic.Parameters.ToTensors(), critic.Parameters.ToTensors());
        Fixtures.AssertSameBytes(straightPolicy.Optimizer.ToTensors(), policy.Optimizer.ToTensors());
    }

    [Fact]
    public void Learn_MaxApproxKlExceeded_SkipsRemainingEpochs()
    {
        var options = Options(Fast) with { MaxApproxKl = 1e-9, PpoEpochs = 5 };
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        PpoLearner.Learn(_model, policy, critic, Experience(), options, 1, 0, 100);
        Assert.Equal(2, policy.Optimizer.StepCount); // the second minibatch of the first epoch has moved already
    }

    [Fact]
    public void Learn_ScoreIsNan_RefusedWithoutStep()
    {
        var options = Options(Fast);
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        var batch = Experience();
        batch.RawScores[3] = float.NaN;
        var error = Assert.Throws<ProblemException>(() => PpoLearner.Learn(_model, policy, critic, batch, options, 1, 0, 100));
        Assert.Equal(ErrorCodes.NonFinite, error.Problems[0].Code);
        Assert.Equal(0, policy.Optimizer.StepCount);
    }

    [Fact]
    public void EveryOperation_Repeated_LeaksNoTensor()
    {
        var options = Options(Fast);
        using var policy = TrainingState.Create(_sft.CloneTrainable(), options.Optimizer);
        using var critic = Critic(options);
        Iterate(0);
        TorchRuntime.CollectNatives();
        var live = TorchRuntime.LiveTensors;
        for (var i = 1; i < 4; i++)
        {
            Iterate(i);
        }

        TorchRuntime.CollectNatives();
        Assert.Equal(live, TorchRuntime.LiveTensors);

        void Iterate(int i)
        {
            PpoLearner.Learn(_model, policy, critic, Experience(policy.Parameters, i, _ => 0.3f), options, (ulong)i, 0, 100);
            Sft.SftTrainer.Step(_model, policy, [Fixtures.Sequences(4, 96)], Fast, 1e-3, 0.1, 5);
            RewardModel.RewardTrainer.Step(_model, critic, [(Fixtures.Sequences(4, 96), Fixtures.Sequences(4, 96, 8))], Fast, 1e-3, 0.1, 5);
            Sft.SftTrainer.Losses(_model, policy.Parameters, Fixtures.Sequences(4, 96));
            policy.Parameters.MergeInto(_model);
        }
    }

    private static PpoOptions Options(OptimizerOptions optimizer) => new()
    {
        Optimizer = optimizer, CriticOptimizer = optimizer, PpoEpochs = 2, MinibatchSize = 8, KlCoef = 0.05,
    };

    private TrainingState Critic(PpoOptions options)
    {
        var critic = _sft.CloneTrainable();
        critic.AddHead(9);
        critic.FoldNormalization(0.5, 2);
        return TrainingState.Create(critic, options.CriticOptimizer);
    }

    private PpoBatch Experience() => Experience(_sft, 0, row => row.Response.Length % 3 - 1f);

    private PpoBatch Experience(ParameterSet policy, int iteration, Func<(int[] Prompt, int[] Response), float> score)
    {
        var prompts = Fixtures.PromptsOf(Fixtures.Sequences(16, 96));
        var seeds = Enumerable.Range(0, 16).Select(i => (ulong)(iteration * 100 + i)).ToArray();
        var drawn = Sampler.Generate(_model, policy, prompts, new SamplingSettings { MaxResponseTokens = 10 }, seeds);
        return new PpoBatch(
            drawn.Sequences,
            drawn.LogProbs,
            LogProbabilities.OfResponses(_model, _sft, drawn.Sequences, 1),
            [.. drawn.Sequences.ToRows().Select(score)],
            drawn.FinishReasons,
            new ScoreNormalization(0, 1),
            0.05);
    }
}
