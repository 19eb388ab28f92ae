using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>KL of the policy to the reference per token, and the reward it shapes.</summary>
/// <remarks>Estimators k1, k2, k3 after Schulman (joschu.net/blog/kl-approx.html), delta = log policy - log reference of the sampled token.</remarks>
public static class KlPenalty
{
    /// <summary>k1 = delta: unbiased, may be negative.</summary>
    /// <param name="logProbs">Policy, (B, T) fp32, nats.</param>
    /// <param name="referenceLogProbs">Reference, (B, T) fp32, nats.</param>
    /// <param name="mask">(B, T) bool; true on response tokens.</param>
    /// <returns>(B, T) nats, 0 where masked.</returns>
    public static Tensor K1(Tensor logProbs, Tensor referenceLogProbs, Tensor mask) =>
        torch.where(mask, logProbs - referenceLogProbs, torch.zeros(1));

    /// <summary>k2 = delta² / 2: never negative, biased.</summary>
    /// <inheritdoc cref="K1"/>
    public static Tensor K2(Tensor logProbs, Tensor referenceLogProbs, Tensor mask) =>
        K1(logProbs, referenceLogProbs, mask).square() * 0.5f;

    /// <summary>k3 = exp(-delta) - 1 + delta: never negative, unbiased.</summary>
    /// <inheritdoc cref="K1"/>
    public static Tensor K3(Tensor logProbs, Tensor referenceLogProbs, Tensor mask)
    {
        var delta = K1(logProbs, referenceLogProbs, mask);
        return delta.neg().expm1() + delta;
    }

    /// <summary>The shaped reward: -klCoef x KL at every response token, and the score once, on the last one.</summary>
    /// <param name="kl">(B, T) nats per token.</param>
    /// <param name="scores">(B) reward units.</param>
    /// <param name="mask">(B, T) bool; true on response tokens.</param>
    /// <param name="klCoef">Reward per nat.</param>
    /// <returns>(B, T) reward units, 0 where masked; a row adds up to score - klCoef x its KL.</returns>
    /// <exception cref="ArgumentException">A row of the mask has no true element.</exception>
    public static Tensor Shape(Tensor kl, Tensor scores, Tensor mask, double klCoef)
    {
        if (!mask.any(1).all().item<bool>())
        {
            throw new ArgumentException("a row has no response token to carry its score", nameof(mask));
        }

        var positions = torch.arange(mask.size(1)); // (T)
        var last = torch.where(mask, positions, torch.zeros(1, torch.ScalarType.Int64)).amax([1L], keepdim: true); // (B, 1)
        var atLast = positions.eq(last); // (B, T)
        var zero = torch.zeros(1);
        return torch.where(mask, kl * (float)-klCoef, zero) + torch.where(atLast, scores.unsqueeze(1), zero);
    }
}
