using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Moves the KL coefficient towards a target KL.</summary>
/// <remarks>Ziegler et al. 2019 (arXiv:1909.08593), section 2.2; the target is nats per <b>sequence</b>.</remarks>
public static class AdaptiveKlController
{
    /// <summary>The coefficient of the next iteration: coef x (1 + clip(KL / target - 1, ±0.2) x sequences / horizon).</summary>
    /// <param name="coef">Coefficient of this iteration, reward per nat.</param>
    /// <param name="options">Target (null: the coefficient stays) and horizon in sequences.</param>
    /// <param name="meanSequenceKl">Mean KL of this iteration's sequences, nats per sequence.</param>
    /// <param name="sequences">Sequences of this iteration.</param>
    public static double Next(double coef, PpoOptions options, double meanSequenceKl, int sequences)
    {
        if (options.TargetKlPerSequence is not { } target)
        {
            return coef;
        }

        var error = Math.Clamp(meanSequenceKl / target - 1, -0.2, 0.2);
        return coef * (1 + error * sequences / options.KlHorizonSequences);
    }
}
