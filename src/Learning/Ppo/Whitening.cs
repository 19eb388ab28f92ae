using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Scales masked values to unit variance.</summary>
public static class Whitening
{
    private const float Epsilon = 1e-8f;

    /// <summary>(x - mean) / sqrt(variance + 1e-8) over all true elements of the whole batch.</summary>
    /// <param name="values">(B, T) fp32.</param>
    /// <param name="mask">(B, T) bool; true on what counts.</param>
    /// <param name="keepMean">True: the mean is added back (rewards). False: it is removed (advantages).</param>
    /// <param name="bessel">True: variance over n - 1 (TRL). False: over n.</param>
    /// <returns>(B, T), 0 where masked. A single element gives 0, or itself with <paramref name="keepMean"/>.</returns>
    /// <exception cref="ArgumentException">The mask has no true element.</exception>
    public static Tensor Apply(Tensor values, Tensor mask, bool keepMean, bool bessel)
    {
        var selected = values.masked_select(mask); // (n)
        var count = selected.numel();
        if (count == 0)
        {
            throw new ArgumentException("nothing to whiten: the mask has no true element", nameof(mask));
        }

        var mean = selected.mean();
        var variance = (selected - mean).square().sum() / (float)Math.Max(1, bessel ? count - 1 : count);
        var white = (values - mean) * (variance + Epsilon).rsqrt();
        return torch.where(mask, keepMean ? white + mean : white, torch.zeros(1));
    }
}
