using F = TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.RewardModel;

/// <summary>Pairwise ranking loss.</summary>
/// <remarks>Bradley-Terry as in Ouyang et al. 2022 (arXiv:2203.02155), eq. 1; ClinicalGPT 2.3.</remarks>
public static class RankingLoss
{
    /// <summary>Sum of -log sigmoid(chosen - rejected).</summary>
    /// <param name="chosen">Scores of the better answers, (B), raw score units.</param>
    /// <param name="rejected">Scores of the worse answers, (B).</param>
    /// <returns>Scalar, nats, summed over the B comparisons.</returns>
    public static Tensor Sum(Tensor chosen, Tensor rejected) => F.softplus(rejected - chosen).sum();
}
