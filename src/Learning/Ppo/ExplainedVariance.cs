using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>How much of the returns' variance the critic foresaw.</summary>
public static class ExplainedVariance
{
    /// <summary>1 - Var(return - value) / Var(return) over true elements; 1 is perfect, 0 is no better than the mean.</summary>
    /// <param name="values">(B, T) fp32.</param>
    /// <param name="returns">(B, T) fp32.</param>
    /// <param name="mask">(B, T) bool; true on response tokens.</param>
    /// <returns>Dimensionless; 0 where all returns are equal.</returns>
    public static double Compute(Tensor values, Tensor returns, Tensor mask)
    {
        using var scope = torch.NewDisposeScope();
        var target = returns.masked_select(mask); // (n)
        var total = target.var(unbiased: false).item<float>();
        return total == 0 ? 0 : 1 - (target - values.masked_select(mask)).var(unbiased: false).item<float>() / (double)total;
    }
}
