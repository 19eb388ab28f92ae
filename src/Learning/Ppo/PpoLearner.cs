using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>One PPO iteration: from experience to an updated policy and critic. Letters: B rows, T longest response.</summary>
/// <remarks>Stiennon et al. 2020 (arXiv:2009.01325), Ouyang et al. 2022 (arXiv:2203.02155), ClinicalGPT 2.4.</remarks>
public static class PpoLearner
{
    /// <summary>Learns from one iteration's experience. Dropout is off throughout.</summary>
    /// <param name="model">The base.</param>
    /// <param name="policy">The policy; changed.</param>
    /// <param name="critic">A model of its own with a head that predicts normalised scores; changed.</param>
    /// <param name="batch">The experience.</param>
    /// <param name="options">PPO.</param>
    /// <param name="seed">Seed of minibatch order and of the shuffle control.</param>
    /// <param name="firstUpdate">Optimizer steps before this iteration, for the learning-rate schedule.</param>
    /// <param name="totalUpdates">Optimizer steps of the whole stage: iterations x epochs x minibatches.</param>
    /// <exception cref="ArgumentException">Parts of the batch do not fit together.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: a number is not finite. Steps taken before it remain: go back to the last checkpoint.</exception>
    public static PpoOutcome Learn(
        BaseModel model, TrainingState policy, TrainingState critic, PpoBatch batch, PpoOptions options, ulong seed, long firstUpdate, long totalUpdates)
    {
        batch.Check();
        using var scope = torch.NewDisposeScope(); // everything below dies here, except the returned numbers
        var (oldLogProbs, entropies) = LogProbabilities.WithEntropy(
            model, policy.Parameters, batch.Chunks ?? [batch.Sequences], options.Temperature);
        var values = Values.OfResponses(model, critic.Parameters, batch.Sequences);
        var scores = ScoreShaping.Apply(batch.RawScores, batch.FinishReasons, batch.Normalization, options, Seeds.Derive((long)seed, "scores"));

        var rows = batch.Sequences.ToRows();
        var grid = new TokenGrid(batch.Sequences.ResponseLengths); // (B, T) views of ragged numbers
        var mask = grid.Mask;
        var old = grid.From(oldLogProbs);
        var kl = KlPenalty.K1(old, grid.From(batch.ReferenceLogProbs), mask);
        var rewards = KlPenalty.Shape(kl, TensorConversion.Vector(scores), mask, batch.KlCoef);
        rewards = options.WhitenRewards ? Whitening.Apply(rewards, mask, keepMean: true, bessel: true) : rewards;
        var oldValues = grid.From(values);
        var (rawAdvantages, returns) = GeneralizedAdvantage.Compute(rewards, oldValues, mask, options.Gamma, options.GaeLambda);
        var advantages = Whitening.Apply(rawAdvantages, mask, keepMean: false, bessel: true);

        var means = new RunningMeans();
        var update = firstUpdate;
        for (var epoch = 0; epoch < options.PpoEpochs; epoch++)
        {
            var (approxKl, minibatches) = (0.0, 0);
            foreach (var members in Minibatches(rows.Count, options.MinibatchSize, Seeds.Derive((long)seed, "minibatches", epoch)))
            {
                using var minibatchScope = torch.NewDisposeScope();
                var part = new Minibatch(PaddedBatch.ForTokens([.. members.Select(i => rows[i])], model.Config.PadTokenId), members);
                approxKl += UpdatePolicy(model, policy, part, part.Of(old), part.Of(advantages), options, update, totalUpdates, means);
                UpdateCritic(model, critic, part, part.Of(oldValues), part.Of(returns), options, update, totalUpdates, means);
                update++;
                minibatches++;
            }

            if (options.MaxApproxKl is { } limit && approxKl / minibatches > limit)
            {
                break;
            }
        }

        var sequenceKl = kl.sum([1L]).ToFloats(); // (B)
        var metrics = new Dictionary<string, double>(means.All());
        AddExperience(metrics, batch, scores, sequenceKl);
        metrics[MetricNames.Entropy] = entropies.Average();
        metrics[MetricNames.SamplerGap] = oldLogProbs.Zip(batch.SamplerLogProbs, (a, b) => Math.Abs(a - b)).Max();
        metrics[MetricNames.ExplainedVariance] = ExplainedVariance.Compute(oldValues, returns, mask);
        return new PpoOutcome(metrics, sequenceKl, scores);
    }

    private static double UpdatePolicy(
        BaseModel model, TrainingState policy, Minibatch part, Tensor old, Tensor advantages, PpoOptions options, long update, long totalUpdates, RunningMeans means)
    {
        var logProbs = LogProbabilities.Grid(model, policy.Parameters, part.Batch, options.Temperature); // (b, t)
        var result = PpoLoss.Compute(logProbs, old, advantages, part.Mask, options.ClipRange);
        result.Loss.backward();
        var (lr, loss) = (LearningRateSchedule.At(options.Optimizer, update, totalUpdates), (double)result.Loss.item<float>());
        means.Add(MetricNames.GradNorm, OptimizerStep.Apply(policy, options.Optimizer, lr, loss, "ppo policy"));
        means.Add(MetricNames.PolicyLoss, loss);
        means.Add(MetricNames.ClipFraction, result.ClipFraction);
        means.Add(MetricNames.ApproxKl, result.ApproxKl);
        means.Add(MetricNames.Ratio, result.Ratio);
        means.Add(MetricNames.LearningRate, lr);
        return result.ApproxKl;
    }

    private static void UpdateCritic(
        BaseModel model, TrainingState critic, Minibatch part, Tensor oldValues, Tensor returns, PpoOptions options, long update, long totalUpdates, RunningMeans means)
    {
        var values = Values.Grid(model, critic.Parameters, part.Batch); // (b, t)
        var result = ValueLoss.Compute(values, oldValues, returns, part.Mask, options.ClipRangeValue);
        result.Loss.backward();
        var (lr, loss) = (LearningRateSchedule.At(options.CriticOptimizer, update, totalUpdates), (double)result.Loss.item<float>());
        means.Add(MetricNames.CriticGradNorm, OptimizerStep.Apply(critic, options.CriticOptimizer, lr, loss, "ppo critic"));
        means.Add(MetricNames.ValueLoss, loss);
        means.Add(MetricNames.ValueClipFraction, result.ClipFraction);
    }

    /// <summary>Rows of each minibatch, drawn anew for each epoch, in ascending order within one.</summary>
    private static IEnumerable<int[]> Minibatches(int rows, int size, ulong seed) =>
        Seeds.Permutation(seed, rows).Chunk(Math.Min(size, rows)).Select(members => members.Order().ToArray());

    private static void AddExperience(Dictionary<string, double> metrics, PpoBatch batch, float[] scores, float[] sequenceKl)
    {
        var (score, kl) = (scores.Average(s => (double)s), sequenceKl.Average(k => (double)k));
        metrics[MetricNames.Scores] = score;
        metrics[MetricNames.Kl] = kl;
        metrics[MetricNames.KlCoef] = batch.KlCoef;
        metrics[MetricNames.NonScoreReward] = -batch.KlCoef * kl;
        metrics[MetricNames.RlhfReward] = score - batch.KlCoef * kl;
        metrics[MetricNames.ResponseLength] = batch.Sequences.ResponseLengths.Average();
        metrics[MetricNames.MissingEos] = batch.FinishReasons.Average(r => r == FinishReason.Eos ? 0.0 : 1.0);
    }

    /// <summary>Some rows: their tokens, and their part of (B, T) numbers cut to their longest response.</summary>
    private sealed class Minibatch(PaddedBatch batch, int[] members)
    {
        private readonly Tensor _rows = torch.tensor(members.Select(i => (long)i).ToArray());

        public PaddedBatch Batch { get; } = batch;

        public Tensor Mask => Batch.ResponseMask;

        public Tensor Of(Tensor whole) => whole.index_select(0, _rows).narrow(1, 0, Mask.size(1));
    }
}
