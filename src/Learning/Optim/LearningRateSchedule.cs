using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Learning.Optim;

/// <summary>Learning rates by step, as transformers' <c>get_*_schedule_with_warmup</c> give them.</summary>
public static class LearningRateSchedule
{
    /// <summary>The rate of one optimizer step. Warm-up takes ceil(WarmupRatio x total) steps and begins at 0.</summary>
    /// <param name="options">Peak, warm-up, shape (<c>constant</c>, <c>linear</c>, <c>cosine</c>) and the floor after the warm-up.</param>
    /// <param name="step">0-based step.</param>
    /// <param name="totalSteps">Steps of the whole stage, at least 1.</param>
    /// <exception cref="ProblemException"><c>CGPT2004</c>: an unknown schedule.</exception>
    public static double At(OptimizerOptions options, long step, long totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);

        // A product such as 0.05 x 100 may lie a rounding error above the whole number that is meant.
        var warmup = (long)Math.Ceiling(options.WarmupRatio * totalSteps - 1e-9);
        if (step < warmup)
        {
            return options.LearningRate * ((double)step / warmup);
        }

        var length = Math.Max(1.0, totalSteps - warmup);
        return options.LearningRate * options.Schedule switch
        {
            "constant" => 1.0,
            "linear" => Math.Max(options.FinalRatio, (totalSteps - step) / length),
            "cosine" => options.FinalRatio
                + (1 - options.FinalRatio) * Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * (step - warmup) / length))),
            _ => throw new ProblemException(
                ErrorCodes.RecipeValueRange,
                $"schedule is '{options.Schedule}'; it must be constant, linear or cosine.",
                key: "optimizer.schedule"),
        };
    }
}
