using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Generalized advantage estimation over response tokens.</summary>
/// <remarks>Schulman et al. 2016 (arXiv:1506.02438), eq. 16. Values after the last true mask element count as 0; a gap in the mask is skipped
/// as if its tokens were not there.</remarks>
public static class GeneralizedAdvantage
{
    /// <summary>Advantages and returns, backwards from the last token.</summary>
    /// <param name="rewards">Shaped rewards, (B, T) fp32, reward units.</param>
    /// <param name="values">Value of the state before each token, (B, T) fp32, reward units.</param>
    /// <param name="mask">(B, T) bool; true on response tokens up to and including EOS.</param>
    /// <param name="gamma">Discount, [0, 1].</param>
    /// <param name="lambda">GAE lambda, [0, 1].</param>
    /// <returns>Each (B, T) fp32, 0 where masked, in the caller's dispose scope. Return = advantage + value.</returns>
    /// <exception cref="ArgumentException">Shapes differ.</exception>
    public static (Tensor Advantages, Tensor Returns) Compute(Tensor rewards, Tensor values, Tensor mask, double gamma, double lambda)
    {
        if (!rewards.shape.SequenceEqual(values.shape) || !rewards.shape.SequenceEqual(mask.shape))
        {
            throw new ArgumentException("rewards, values and mask must have one shape (B, T)", nameof(mask));
        }

        var length = mask.size(1);
        var columns = new Tensor[length];
        var (nextValue, advantage) = (torch.zeros(mask.size(0)), torch.zeros(mask.size(0))); // (B)
        for (var t = length - 1; t >= 0; t--)
        {
            var (counts, value) = (mask.select(1, t), values.select(1, t));
            var delta = rewards.select(1, t) + nextValue * (float)gamma - value;
            advantage = torch.where(counts, delta + advantage * (float)(gamma * lambda), advantage);
            nextValue = torch.where(counts, value, nextValue);
            columns[t] = advantage;
        }

        var zero = torch.zeros(1);
        var advantages = torch.where(mask, torch.stack(columns, 1), zero); // (B, T)
        return (advantages, torch.where(mask, advantages + values, zero));
    }
}
