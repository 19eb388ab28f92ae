using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.RewardModel;

/// <summary>The reward model: a scalar head on the last real token, EOS included.</summary>
public static class RewardTrainer
{
    /// <summary>One optimizer step: mean of -log sigmoid(chosen - rejected) over the step's comparisons.</summary>
    /// <param name="model">The base.</param>
    /// <param name="state">What is trained; has a head.</param>
    /// <param name="microBatches">The step's comparisons in as many forward passes; row i of both blocks belong together.</param>
    /// <param name="options">Largest gradient norm.</param>
    /// <param name="lr">Learning rate of this step.</param>
    /// <param name="dropout">LoRA dropout, [0, 1).</param>
    /// <param name="dropoutSeed">Seed of this step's masks.</param>
    /// <returns>Loss, accuracy, margin (raw score units), gradient norm, learning rate.</returns>
    /// <exception cref="ArgumentException">No comparison, or blocks of different size.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: loss or gradient not finite; nothing was changed.</exception>
    public static Dictionary<string, double> Step(
        BaseModel model,
        TrainingState state,
        IReadOnlyList<(SequenceBlock Chosen, SequenceBlock Rejected)> microBatches,
        OptimizerOptions options,
        double lr,
        double dropout,
        ulong dropoutSeed)
    {
        var pairs = microBatches.Sum(b => b.Chosen.Rows);
        if (pairs == 0 || microBatches.Any(b => b.Chosen.Rows != b.Rejected.Rows))
        {
            throw new ArgumentException("a step needs at least one comparison, and as many rejected as chosen answers", nameof(microBatches));
        }

        using var source = new DropoutSource(dropout, dropoutSeed);
        var (loss, correct, margin) = (0.0, 0, 0.0);
        foreach (var (chosen, rejected) in microBatches)
        {
            using var scope = torch.NewDisposeScope();
            var scores = Forward(model, state.Parameters, [.. chosen.ToRows(), .. rejected.ToRows()], source); // (2B)
            var (better, worse) = (scores.narrow(0, 0, chosen.Rows), scores.narrow(0, chosen.Rows, chosen.Rows));
            var part = RankingLoss.Sum(better, worse) / (float)pairs;
            part.backward();
            loss += part.item<float>();
            var margins = (better - worse).ToFloats();
            correct += margins.Count(m => m > 0);
            margin += margins.Sum(m => (double)m);
        }

        var norm = OptimizerStep.Apply(state, options, lr, loss, "reward");
        return new()
        {
            [MetricNames.Loss] = loss,
            [MetricNames.RewardAccuracy] = (double)correct / pairs,
            [MetricNames.RewardMargin] = margin / pairs,
            [MetricNames.GradNorm] = norm,
            [MetricNames.LearningRate] = lr,
        };
    }

    /// <summary>Raw scores without training.</summary>
    /// <param name="model">The base.</param>
    /// <param name="withHead">Parameters with a head.</param>
    /// <param name="sequences">Prompts with answers.</param>
    /// <returns>One raw score per row.</returns>
    /// <exception cref="InvalidOperationException">The parameters have no head.</exception>
    public static float[] Scores(BaseModel model, ParameterSet withHead, SequenceBlock sequences)
    {
        var scores = new List<float>(sequences.Rows);
        foreach (var rows in RowChunks.Of(sequences, 8 * model.Config.HiddenSize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            scores.AddRange(Forward(model, withHead, rows, dropout: null).ToFloats());
        }

        return [.. scores];
    }

    private static Tensor Forward(
        BaseModel model, ParameterSet parameters, IReadOnlyList<(int[] Prompt, int[] Response)> rows, DropoutSource? dropout)
    {
        var batch = PaddedBatch.ForScores(rows, model.Config.PadTokenId);
        return CausalModel.Head(parameters, batch.Hidden(model, parameters, batch.LastTokens, dropout)); // (B)
    }
}
