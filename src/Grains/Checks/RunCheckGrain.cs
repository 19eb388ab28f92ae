using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Checks;

/// <summary>Checks a run's stored history, cheapest first.</summary>
/// <param name="store">Runs and commits.</param>
/// <param name="blobs">Reading a blob verifies its hash.</param>
public sealed class RunCheckGrain(IRunStore store, IBlobStore blobs) : Grain, IRunCheckGrain
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<RunCheckLine> Check([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var runId = this.GetPrimaryKeyString();
        var run = await store.FindAsync(runId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.RunUnknown, $"there is no run {runId}. `clinicalgpt run list` shows those there are.");
        var history = new RunHistoryView(
            run,
            RecipeJson.Read(run.RecipeJson),
            await store.GetProgressAsync(runId, cancellationToken),
            await store.GetIterationsAsync(runId, null, 0, cancellationToken),
            await store.GetLedgerAsync(runId, cancellationToken),
            await ReadSamplesAsync(runId, cancellationToken),
            await store.GetBlobUsesAsync(runId, cancellationToken));

        yield return HistoryChecks.Recipe(history);
        yield return HistoryChecks.Commits(history);
        yield return HistoryChecks.ResumePoint(history);
        yield return HistoryChecks.Ledger(history);
        yield return HistoryChecks.Samples(history);
        yield return HistoryChecks.Provenance(history);
        yield return HistoryChecks.Metrics(history);
        yield return await CheckBlobsAsync(history, cancellationToken);
    }

    private async Task<IReadOnlyList<SampleView>> ReadSamplesAsync(string runId, CancellationToken cancellationToken)
    {
        const int Page = 1000;
        var samples = new List<SampleView>();
        IReadOnlyList<SampleView> page;
        do
        {
            page = await store.GetSamplesAsync(runId, new SampleQuery { Limit = Page, Offset = samples.Count }, cancellationToken);
            samples.AddRange(page);
        }
        while (page.Count == Page);

        return samples;
    }

    private async Task<RunCheckLine> CheckBlobsAsync(RunHistoryView history, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        string[] hashes = [.. history.Blobs.Select(b => b.Hash).Distinct()];
        foreach (var hash in hashes)
        {
            try
            {
                await blobs.GetAsync(hash, cancellationToken);
            }
            catch (ProblemException e) when (e.Problems.Any(p => p.Code == ErrorCodes.BlobDamaged))
            {
                wrong.Add(hash[..12]);
            }
        }

        return HistoryChecks.Line("blobs", wrong, $"{hashes.Length} blobs read, every SHA-256 recomputed");
    }
}
