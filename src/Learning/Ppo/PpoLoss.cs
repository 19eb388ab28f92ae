using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>The clipped policy loss.</summary>
/// <remarks>Schulman et al. 2017 (arXiv:1707.06347), eq. 7, as a loss.</remarks>
public static class PpoLoss
{
    /// <summary>Mean over tokens of max(-A r, -A clip(r, 1 ± range)), r = exp(new - old).</summary>
    /// <param name="newLogProbs">Policy being trained, (B, T) fp32, nats; carries the gradient.</param>
    /// <param name="oldLogProbs">Policy that sampled, (B, T) fp32, nats.</param>
    /// <param name="advantages">(B, T) fp32.</param>
    /// <param name="mask">(B, T) bool; true on response tokens. What is masked is selected away: it may even be NaN.</param>
    /// <param name="clipRange">Fraction, (0, 1).</param>
    /// <exception cref="ArgumentException">The mask has no true element.</exception>
    public static PpoLossResult Compute(Tensor newLogProbs, Tensor oldLogProbs, Tensor advantages, Tensor mask, double clipRange)
    {
        var tokens = mask.sum().item<long>();
        if (tokens == 0)
        {
            throw new ArgumentException("the mask has no true element", nameof(mask));
        }

        var logRatio = newLogProbs.masked_select(mask) - oldLogProbs.masked_select(mask); // (n)
        var ratio = logRatio.exp();
        var gain = advantages.masked_select(mask).neg();
        var plain = gain * ratio;
        var clipped = gain * ratio.clamp(1 - clipRange, 1 + clipRange);
        var loss = torch.max(plain, clipped).sum() / (float)tokens;

        using var noGrad = torch.no_grad();
        return new PpoLossResult(
            loss,
            clipped.gt(plain).to(torch.ScalarType.Float32).mean().item<float>(),
            logRatio.square().mean().item<float>() * 0.5,
            ratio.mean().item<float>());
    }
}

/// <summary>Loss and what to watch.</summary>
/// <param name="Loss">Scalar with gradient, in the caller's dispose scope.</param>
/// <param name="ClipFraction">Share of tokens whose clipped branch is the larger loss.</param>
/// <param name="ApproxKl">0.5 mean squared log-ratio, nats per token.</param>
/// <param name="Ratio">Mean probability ratio.</param>
public sealed record PpoLossResult(Tensor Loss, double ClipFraction, double ApproxKl, double Ratio);
