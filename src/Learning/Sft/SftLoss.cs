using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Sft;

/// <summary>What a supervised loss is averaged over.</summary>
public enum SftNormalizer
{
    /// <summary>Mean over each response's tokens, then over rows (ClinicalGPT 2.2): a short answer counts as much as a long one.</summary>
    Rows,

    /// <summary>Mean over all response tokens of the step (transformers' default).</summary>
    Tokens,
}

/// <summary>Supervised loss of responses.</summary>
public static class SftLoss
{
    /// <summary>This micro-batch's share of the step's loss; shares of all micro-batches add up to it.</summary>
    /// <param name="negativeLogProbs">(B, T) fp32, nats; ignored where <paramref name="mask"/> is false.</param>
    /// <param name="mask">(B, T) bool; true on response tokens.</param>
    /// <param name="normalizer">Over rows or over tokens.</param>
    /// <param name="stepRows">Rows of the whole step.</param>
    /// <param name="stepTokens">Response tokens of the whole step.</param>
    /// <returns>Scalar, nats per token.</returns>
    public static Tensor Compute(Tensor negativeLogProbs, Tensor mask, SftNormalizer normalizer, long stepRows, long stepTokens)
    {
        var selected = torch.where(mask, negativeLogProbs, torch.zeros(1)); // (B, T)
        if (normalizer == SftNormalizer.Tokens)
        {
            return selected.sum() / (float)stepTokens;
        }

        return RowMeans(selected, mask).sum() / (float)stepRows;
    }

    /// <summary>Mean over each row's tokens. (B, T) -> (B).</summary>
    internal static Tensor RowMeans(Tensor selected, Tensor mask) =>
        selected.sum([1L]) / mask.sum([1L]).to(torch.ScalarType.Float32);
}
