using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Reads commits for whoever asks, without touching a run grain.</summary>
/// <param name="store">Runs and commits.</param>
/// <param name="audit">What happened.</param>
[StatelessWorker]
public sealed class RunHistoryGrain(IRunStore store, IAuditLog audit) : Grain, IRunHistoryGrain
{
    /// <inheritdoc/>
    public async Task<RunSummary[]> ListRuns(int limit) => [.. await store.ListAsync(Math.Clamp(limit, 1, 1000), CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<IterationView[]> GetIterations(string runId, string? stage, int fromIteration) =>
        [.. await store.GetIterationsAsync(runId, stage, fromIteration, CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<SampleView[]> GetSamples(string runId, SampleQuery query) =>
        [.. await store.GetSamplesAsync(runId, query, CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<EvaluationResult[]> GetEvaluations(string runId) =>
        [.. await store.GetEvaluationsAsync(runId, CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<RunEvent[]> GetEvents(string runId) => [.. await audit.ReadAsync(runId, CancellationToken.None)];

    /// <inheritdoc/>
    public async Task<string> GetRecipe(string runId) =>
        (await store.FindAsync(runId, CancellationToken.None))?.RecipeJson
        ?? throw new ProblemException(ErrorCodes.RunUnknown, $"there is no run {runId}. `clinicalgpt run list` shows those there are.");
}
