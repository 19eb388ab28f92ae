using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Carries out the evaluations one after the other, each committed by itself.</summary>
/// <param name="grains">For the evaluation grains.</param>
public sealed class EvaluateStage(IGrainFactory grains) : IRunStage
{
    /// <inheritdoc/>
    public string Name => StageNames.Evaluate;

    /// <inheritdoc/>
    public Task<int> CountIterationsAsync(RunContext run, RunProgress progress) => Task.FromResult(EvaluationPlan.For(run, progress).Count);

    /// <inheritdoc/>
    public async Task<IterationCommit> RunIterationAsync(RunContext run, RunProgress progress)
    {
        var clock = Stopwatch.StartNew();
        var request = EvaluationPlan.For(run, progress)[progress.Iteration];
        await run.ReportAsync(request.Name, $"up to {request.MaxCases} cases");
        var result = await grains.GetGrain<IEvaluationGrain>($"{run.RunId}/evaluation").Evaluate(request, run.Cancellation);
        return run.Commit(
            Name, progress.Iteration, progress with { Iteration = progress.Iteration + 1 },
            result.Values.ToDictionary(v => $"{result.Name}/{v.Key}", v => v.Value)) with
        {
            Evaluation = result,
            Timings = new Dictionary<string, double> { ["time/total"] = clock.Elapsed.TotalSeconds },
        };
    }
}
