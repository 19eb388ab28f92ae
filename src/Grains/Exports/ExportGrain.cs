using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Exports;

/// <summary>Builds exported files from what is committed and sends them in chunks.</summary>
/// <param name="store">Runs and commits.</param>
/// <param name="models">Weights.</param>
/// <param name="histories">Metrics, samples, reports.</param>
public sealed class ExportGrain(IRunStore store, ModelExport models, HistoryExport histories) : Grain, IExportGrain
{
    private const int ChunkBytes = 1 << 20;

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileChunk> Export(ExportRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var runId = this.GetPrimaryKeyString();
        var run = await store.FindAsync(runId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.RunUnknown, $"there is no run {runId}");
        var progress = await store.GetProgressAsync(runId, cancellationToken)
            ?? throw new ProblemException(ErrorCodes.RunStateConflict, $"run {runId} has committed nothing yet, so there is nothing to export");
        var scope = new ExportScope(run, RecipeJson.Read(run.RecipeJson), progress, request.Weights, cancellationToken);
        foreach (var (path, content) in await BuildAsync(scope, request.Format))
        {
            await Failpoint.HitAsync(FailpointNames.Export, path);
            for (var at = 0; at == 0 || at < content.Length; at += ChunkBytes)
            {
                var length = Math.Min(ChunkBytes, content.Length - at);
                yield return new FileChunk(path, content.AsSpan(at, length).ToArray(), at + length >= content.Length);
            }
        }
    }

    private async Task<IReadOnlyList<(string Path, byte[] Content)>> BuildAsync(ExportScope scope, ExportFormat format) => format switch
    {
        ExportFormat.HuggingFace => await models.MergedAsync(scope),
        ExportFormat.Peft => await models.AdapterAsync(scope),
        ExportFormat.RewardModel => await models.RewardModelAsync(scope),
        ExportFormat.Metrics => await histories.MetricsAsync(scope),
        ExportFormat.Report => await histories.ReportAsync(scope),
        ExportFormat.Samples => await histories.SamplesAsync(scope),
        ExportFormat.All => await AllAsync(scope),
        _ => throw new ProblemException(ErrorCodes.SettingInvalid, $"there is no export format {format}"),
    };

    private async Task<IReadOnlyList<(string Path, byte[] Content)>> AllAsync(ExportScope scope)
    {
        var parts = new List<(string Folder, ExportFormat Format)> { ("model", ExportFormat.HuggingFace), ("metrics", ExportFormat.Metrics), ("report", ExportFormat.Report) };
        if (ModelExport.ParametersOf(scope) is { IsLora: true })
        {
            parts.Add(("adapter", ExportFormat.Peft));
        }

        if (scope.Progress.Reward is not null)
        {
            parts.Add(("reward-model", ExportFormat.RewardModel));
        }

        if (scope.Recipe.Ppo is not null)
        {
            parts.Add(("samples", ExportFormat.Samples));
        }

        var files = new List<(string, byte[])>();
        foreach (var (folder, format) in parts)
        {
            files.AddRange((await BuildAsync(scope, format)).Select(f => ($"{folder}/{f.Path}", f.Content)));
        }

        return files;
    }
}

/// <summary>What an export is made from.</summary>
/// <param name="Run">The run.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="Weights">last, best or sft.</param>
/// <param name="Cancellation">Cancels.</param>
public sealed record ExportScope(StoredRun Run, Recipe Recipe, RunProgress Progress, string Weights, CancellationToken Cancellation);
