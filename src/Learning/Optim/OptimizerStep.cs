using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Native;

namespace ClinicalGpt.Orleans.Learning.Optim;

/// <summary>What every trainer does after its backward passes.</summary>
internal static class OptimizerStep
{
    private const int CollectEvery = 20;

    /// <summary>Refuses numbers that are not finite, clips, steps, forgets the gradients.</summary>
    /// <param name="state">Parameters with gradients.</param>
    /// <param name="options">Largest gradient norm.</param>
    /// <param name="lr">Learning rate.</param>
    /// <param name="loss">The step's loss.</param>
    /// <param name="stage">For the error text, for example <c>sft</c>.</param>
    /// <returns>The gradient norm before clipping.</returns>
    /// <exception cref="ProblemException"><c>CGPT3009</c>; no parameter has changed.</exception>
    public static double Apply(TrainingState state, OptimizerOptions options, double lr, double loss, string stage)
    {
        var norm = double.IsFinite(loss) ? state.Optimizer.ClipGradients(options.MaxGradNorm) : double.NaN;
        if (!double.IsFinite(norm))
        {
            state.Optimizer.ClearGradients();
            throw new ProblemException(ErrorCodes.NonFinite, string.Create(
                CultureInfo.InvariantCulture,
                $"{stage}: loss {loss} and gradient norm {norm} at optimizer step {state.Optimizer.StepCount + 1} with learning rate {lr}; the step was not applied. Lower the learning rate or go back to an earlier checkpoint."));
        }

        state.Optimizer.Step(lr);
        state.Optimizer.ClearGradients();
        state.Parameters.Touch();
        if (state.Optimizer.StepCount % CollectEvery == 0)
        {
            TorchRuntime.CollectNatives();
        }

        return norm;
    }
}
