using ClinicalGpt.Orleans.Abstractions.Grains;

namespace ClinicalGpt.Orleans.Grains.Draining;

/// <summary>Counts the calls of a silo's model grains, and on a drained silo ends each grain after its call, so that the
/// next call finds it elsewhere.</summary>
/// <param name="drain">This silo's drain.</param>
public sealed class DrainCallFilter(SiloDrain drain) : IIncomingGrainCallFilter
{
    /// <inheritdoc/>
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (!IsWork(context.Grain))
        {
            await context.Invoke();
            return;
        }

        drain.Note(context.TargetContext);
        using (drain.Hold($"{context.TargetId.Key} {context.MethodName}"))
        {
            await context.Invoke();
        }

        if (drain.IsDraining)
        {
            drain.EndWorkers();
        }
    }

    private static bool IsWork(object grain) =>
        grain is IPolicyGrain or IReferenceGrain or IRewardModelGrain or IRolloutGrain or IEvaluationGrain;
}
