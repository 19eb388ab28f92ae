using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Connection;

namespace ClinicalGpt.Orleans.Client.Runs;

/// <summary>A run somewhere in the cluster. Holds no connection of its own and may be used by several threads. All calls
/// raise <see cref="ProblemException"/>: CGPT4005 when there is no such run, CGPT4010 when the cluster does not answer.</summary>
public sealed class RunHandle
{
    private readonly IClusterClient _cluster;
    private readonly ClusterCalls _calls;

    internal RunHandle(string runId, IClusterClient cluster, ClusterCalls calls)
    {
        RunId = runId;
        _cluster = cluster;
        _calls = calls;
    }

    /// <summary>The run's id.</summary>
    public string RunId { get; }

    private IRunGrain Run => _cluster.GetGrain<IRunGrain>(RunId);

    private IRunHistoryGrain History => _cluster.GetGrain<IRunHistoryGrain>(0);

    /// <summary>The run at this moment; never waits for its work.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public Task<RunSnapshot> DescribeAsync(CancellationToken cancellationToken = default) =>
        _calls.CallAsync(() => Run.GetSnapshot(), cancellationToken);

    /// <summary>Waits until nothing more will happen: completed, failed or cancelled. A failed run is not an exception here:
    /// look at <see cref="RunSnapshot.Status"/> and <see cref="RunSnapshot.Reason"/>. A paused run is waited for.</summary>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <returns>The last snapshot.</returns>
    public async Task<RunSnapshot> WaitAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var snapshot = await DescribeAsync(cancellationToken);
            if (snapshot.IsTerminal)
            {
                return snapshot;
            }

            await Task.Delay(_calls.Options.WatchInterval, _calls.Time, cancellationToken);
        }
    }

    /// <summary>The run as it changes: its state now, then every change seen, ending after a terminal state. Changes between
    /// two looks are seen as one.</summary>
    /// <param name="interval">Time between looks; null: <see cref="ClinicalGptClientOptions.WatchInterval"/>.</param>
    /// <param name="cancellationToken">Stops watching; the run goes on.</param>
    public async IAsyncEnumerable<RunSnapshot> WatchAsync(
        TimeSpan? interval = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        (long Epoch, long Version, Problem? Reason)? seen = null;
        while (true)
        {
            var snapshot = await DescribeAsync(cancellationToken);
            if (seen != (snapshot.Epoch, snapshot.Version, snapshot.Reason))
            {
                seen = (snapshot.Epoch, snapshot.Version, snapshot.Reason);
                yield return snapshot;
            }

            if (snapshot.IsTerminal)
            {
                yield break;
            }

            await Task.Delay(interval ?? _calls.Options.WatchInterval, _calls.Time, cancellationToken);
        }
    }

    /// <summary>Pauses after the iteration in progress.</summary>
    /// <param name="cancellationToken">Cancels the call, not the request once it has arrived.</param>
    /// <exception cref="ProblemException">CGPT4006: the run has ended.</exception>
    public Task<RunSnapshot> PauseAsync(CancellationToken cancellationToken = default) =>
        _calls.CallAsync(() => Run.Pause(), cancellationToken);

    /// <summary>Goes on after a pause, or after a failure whose cause is gone.</summary>
    /// <param name="cancellationToken">Cancels the call, not the request once it has arrived.</param>
    /// <exception cref="ProblemException">CGPT4006: the run is completed or cancelled.</exception>
    public Task<RunSnapshot> ResumeAsync(CancellationToken cancellationToken = default) =>
        _calls.CallAsync(() => Run.Resume(), cancellationToken);

    /// <summary>Ends the run: the iteration in progress is given up, what is committed stays.</summary>
    /// <param name="cancellationToken">Cancels the call, not the request once it has arrived.</param>
    /// <exception cref="ProblemException">CGPT4006: the run has ended.</exception>
    public Task<RunSnapshot> StopAsync(CancellationToken cancellationToken = default) =>
        _calls.CallAsync(() => Run.Stop(), cancellationToken);

    /// <summary>Training samples with provenance. They hold prompts and answers: mind who sees them.</summary>
    /// <param name="query">Which ones; null: the first hundred.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<SampleView>> GetSamplesAsync(
        SampleQuery? query = null, CancellationToken cancellationToken = default) =>
        await _calls.CallAsync(() => History.GetSamples(RunId, query ?? new SampleQuery()), cancellationToken);

    /// <summary>Committed iterations with their metrics, in order.</summary>
    /// <param name="stage">Only this stage (<see cref="StageNames"/>); null: all.</param>
    /// <param name="fromIteration">First iteration of each stage, 0-based.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<IterationView>> GetIterationsAsync(
        string? stage = null, int fromIteration = 0, CancellationToken cancellationToken = default) =>
        await _calls.CallAsync(() => History.GetIterations(RunId, stage, fromIteration), cancellationToken);

    /// <summary>Evaluations committed so far.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<EvaluationResult>> GetEvaluationsAsync(CancellationToken cancellationToken = default) =>
        await _calls.CallAsync(() => History.GetEvaluations(RunId), cancellationToken);

    /// <summary>What happened to the run, in order.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<RunEvent>> GetEventsAsync(CancellationToken cancellationToken = default) =>
        await _calls.CallAsync(() => History.GetEvents(RunId), cancellationToken);

    /// <summary>The resolved recipe: every key with its value.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Recipe> GetRecipeAsync(CancellationToken cancellationToken = default) =>
        RecipeJson.Read(await _calls.CallAsync(() => History.GetRecipe(RunId), cancellationToken));

    /// <summary>Exports into a new folder. Files are written beside it and moved there once all of them are complete, so the
    /// folder is either whole or absent.</summary>
    /// <param name="format">What to export.</param>
    /// <param name="folder">The target; it must not exist, or be empty.</param>
    /// <param name="weights">Which parameters: <c>last</c>, <c>best</c> or <c>sft</c>.</param>
    /// <param name="cancellationToken">Ends the export and removes what it wrote.</param>
    /// <returns>The files, relative to the folder, in the order they came.</returns>
    /// <exception cref="ProblemException">CGPT4011: the folder holds something, or cannot be written. CGPT4006: the run has
    /// nothing of the kind yet.</exception>
    public Task<IReadOnlyList<string>> ExportAsync(
        ExportFormat format, string folder, string weights = "last", CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var request = new ExportRequest { Format = format, Weights = weights };
        var export = _cluster.GetGrain<IExportGrain>(RunId);

        // A message holds up to a batch of chunks of 1 MiB each.
        return ExportFolder.WriteAsync(
            folder, token => export.Export(request, token).WithBatchSize(4), _calls, cancellationToken);
    }

    /// <summary>Checks the run's stored history: hashes, ledger, samples, resume point. Lines come as they are done.</summary>
    /// <param name="cancellationToken">Ends the check.</param>
    public IAsyncEnumerable<RunCheckLine> CheckAsync(CancellationToken cancellationToken = default) =>
        _cluster.GetGrain<IRunCheckGrain>(RunId).Check(cancellationToken);
}
