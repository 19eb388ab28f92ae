using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Sft;

/// <summary>Supervised fine-tuning on prompts and answers; the loss counts answer tokens only, EOS included.</summary>
public static class SftTrainer
{
    /// <summary>One optimizer step with the paper's normaliser: mean over each answer's tokens, then over rows.</summary>
    /// <param name="model">The base.</param>
    /// <param name="state">What is trained.</param>
    /// <param name="microBatches">The step's rows in as many forward passes as blocks; the result does not depend on the split but for rounding and dropout.</param>
    /// <param name="options">Largest gradient norm.</param>
    /// <param name="lr">Learning rate of this step.</param>
    /// <param name="dropout">LoRA dropout, [0, 1).</param>
    /// <param name="dropoutSeed">Seed of this step's masks.</param>
    /// <returns>Loss (nats per token), gradient norm, learning rate.</returns>
    /// <exception cref="ArgumentException">No row, or a row without prompt or answer.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: loss or gradient not finite; nothing was changed.</exception>
    public static Dictionary<string, double> Step(
        BaseModel model, TrainingState state, IReadOnlyList<SequenceBlock> microBatches, OptimizerOptions options, double lr, double dropout, ulong dropoutSeed) =>
        Step(model, state, microBatches, options, lr, dropout, dropoutSeed, SftNormalizer.Rows);

    /// <summary>One optimizer step with a chosen normaliser.</summary>
    /// <inheritdoc cref="Step(BaseModel, TrainingState, IReadOnlyList{SequenceBlock}, OptimizerOptions, double, double, ulong)"/>
    /// <param name="model">The base.</param>
    /// <param name="state">What is trained.</param>
    /// <param name="microBatches">The step's rows in as many forward passes as blocks.</param>
    /// <param name="options">Largest gradient norm.</param>
    /// <param name="lr">Learning rate of this step.</param>
    /// <param name="dropout">LoRA dropout, [0, 1).</param>
    /// <param name="dropoutSeed">Seed of this step's masks.</param>
    /// <param name="normalizer">What the loss is averaged over.</param>
    public static Dictionary<string, double> Step(
        BaseModel model,
        TrainingState state,
        IReadOnlyList<SequenceBlock> microBatches,
        OptimizerOptions options,
        double lr,
        double dropout,
        ulong dropoutSeed,
        SftNormalizer normalizer)
    {
        var (rows, tokens) = (microBatches.Sum(b => (long)b.Rows), microBatches.Sum(b => (long)b.ResponseTokens));
        if (rows == 0 || microBatches.Any(b => b.ResponseLengths.Any(l => l == 0)))
        {
            throw new ArgumentException("a step needs at least one row, and every row an answer", nameof(microBatches));
        }

        using var source = new DropoutSource(dropout, dropoutSeed);
        var loss = 0.0;
        foreach (var block in microBatches)
        {
            using var scope = torch.NewDisposeScope();
            var batch = PaddedBatch.ForTokens(block.ToRows(), model.Config.PadTokenId);
            var part = SftLoss.Compute(NegativeLogProbs(model, state.Parameters, batch, source), batch.ResponseMask, normalizer, rows, tokens);
            part.backward();
            loss += part.item<float>();
        }

        var norm = OptimizerStep.Apply(state, options, lr, loss, "sft");
        return new() { [MetricNames.Loss] = loss, [MetricNames.GradNorm] = norm, [MetricNames.LearningRate] = lr };
    }

    /// <summary>Loss of each row without training.</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">Trained parameters; null: the base alone.</param>
    /// <param name="sequences">Prompts with answers.</param>
    /// <returns>Mean negative log-probability of each row's answer tokens, nats per token.</returns>
    /// <exception cref="ArgumentException">No row, or a row without prompt or answer.</exception>
    public static float[] Losses(BaseModel model, ParameterSet? parameters, SequenceBlock sequences)
    {
        if (sequences.Rows == 0 || sequences.ResponseLengths.Any(l => l == 0))
        {
            throw new ArgumentException("there must be at least one row, and every row needs an answer", nameof(sequences));
        }

        var losses = new List<float>();
        foreach (var rows in RowChunks.Of(sequences, model.Config.VocabularySize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            var batch = PaddedBatch.ForTokens(rows, model.Config.PadTokenId);
            losses.AddRange(SftLoss.RowMeans(NegativeLogProbs(model, parameters, batch, null), batch.ResponseMask).ToFloats());
        }

        return [.. losses];
    }

    /// <summary>(B, T), 0 where there is no token.</summary>
    private static Tensor NegativeLogProbs(BaseModel model, ParameterSet? parameters, PaddedBatch batch, DropoutSource? dropout)
    {
        var states = batch.Hidden(model, parameters, batch.States, dropout); // (N, H)
        var logits = CausalModel.Logits(model, parameters, states); // (N, V)
        return batch.ToGrid(F.cross_entropy(logits, batch.Targets, reduction: torch.nn.Reduction.None));
    }
}
