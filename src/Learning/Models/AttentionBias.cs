using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>ALiBi and the causal mask as one additive bias.</summary>
/// <remarks>Press et al. 2022 (arXiv:2108.12409); positions and slopes as transformers computes them for BLOOM.</remarks>
internal static class AttentionBias
{
    /// <summary>What is added where a key must not be seen: finite, so that a row without any key stays a number.</summary>
    public const float Masked = float.MinValue;

    /// <summary>One slope per head, (heads): powers of 2^(-8/n) for n a power of two, with every other power of the next finer series for the rest.</summary>
    public static Tensor Slopes(int heads)
    {
        var closest = 1 << (int)Math.Floor(Math.Log2(heads));
        var slopes = Enumerable.Range(1, closest).Select(i => (float)Math.Pow(Base(closest), i));
        var finer = Enumerable.Range(0, heads - closest).Select(i => (float)Math.Pow(Base(2 * closest), 2 * i + 1));
        return torch.tensor(slopes.Concat(finer).ToArray());
    }

    /// <summary>The slope times the key's position among the row's real tokens.</summary>
    /// <param name="mask">(B, T) fp32, 1 on real tokens.</param>
    /// <param name="slopes">(heads).</param>
    /// <returns>(B, heads, 1, T).</returns>
    public static Tensor Alibi(Tensor mask, Tensor slopes)
    {
        var positions = (mask.cumsum(-1) - 1f) * mask; // (B, T)
        return slopes.view(1, -1, 1, 1) * positions.unsqueeze(1).unsqueeze(1); // (B, heads, 1, T)
    }

    /// <summary>Bias of a whole sequence.</summary>
    /// <param name="mask">(B, T) fp32, 1 on real tokens.</param>
    /// <param name="slopes">(heads).</param>
    /// <returns>(B, heads, T, T).</returns>
    public static Tensor Causal(Tensor mask, Tensor slopes)
    {
        var length = mask.size(1);
        var causal = torch.ones(new[] { length, length }, torch.ScalarType.Bool).tril();
        var seen = causal.logical_and(mask.gt(0f).unsqueeze(1).unsqueeze(1)); // (B, 1, T, T)
        return torch.where(seen, Alibi(mask, slopes), torch.full(1, Masked)); // (B, heads, T, T)
    }

    /// <summary>Bias of one query at the end that sees every real key.</summary>
    /// <param name="mask">(B, T) fp32, 1 on real tokens.</param>
    /// <param name="slopes">(heads).</param>
    /// <returns>(B, heads, 1, T).</returns>
    public static Tensor LastQuery(Tensor mask, Tensor slopes) =>
        torch.where(mask.gt(0f).unsqueeze(1).unsqueeze(1), Alibi(mask, slopes), torch.full(1, Masked));

    private static double Base(int powerOfTwo) => Math.Pow(2, -8.0 / powerOfTwo);
}
