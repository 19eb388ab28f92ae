using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>The clipped value loss.</summary>
public static class ValueLoss
{
    /// <summary>0.5 x mean over tokens of max((V - R)², (clip(V, Vold ± range) - R)²).</summary>
    /// <param name="values">Critic being trained, (B, T) fp32; carries the gradient.</param>
    /// <param name="oldValues">Values at the start of the iteration, (B, T) fp32.</param>
    /// <param name="returns">(B, T) fp32.</param>
    /// <param name="mask">(B, T) bool; true on response tokens. What is masked is selected away.</param>
    /// <param name="clipRange">Value units, above 0.</param>
    /// <exception cref="ArgumentException">The mask has no true element.</exception>
    public static ValueLossResult Compute(Tensor values, Tensor oldValues, Tensor returns, Tensor mask, double clipRange)
    {
        var value = values.masked_select(mask); // (n)
        if (value.numel() == 0)
        {
            throw new ArgumentException("the mask has no true element", nameof(mask));
        }

        var (old, target) = (oldValues.masked_select(mask), returns.masked_select(mask));
        var plain = (value - target).square();
        var clipped = (old + (value - old).clamp(-clipRange, clipRange) - target).square();
        var loss = torch.max(plain, clipped).mean() * 0.5f;

        using var noGrad = torch.no_grad();
        return new ValueLossResult(loss, clipped.gt(plain).to(torch.ScalarType.Float32).mean().item<float>());
    }
}

/// <summary>Loss and what to watch.</summary>
/// <param name="Loss">Scalar with gradient, in the caller's dispose scope.</param>
/// <param name="ClipFraction">Share of tokens whose clipped branch is the larger loss.</param>
public sealed record ValueLossResult(Tensor Loss, double ClipFraction);
