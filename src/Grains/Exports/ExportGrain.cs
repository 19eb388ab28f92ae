using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Formats;

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
        foreach (var (folder, format) in Parts(scope, request.Format))
        {
            foreach (var file in await BuildAsync(scope, format))
            {
                await Failpoint.HitAsync(FailpointNames.Export, folder + file.Path);
                var left = file.Length;
                foreach (var chunk in file.Chunks(ChunkBytes))
                {
                    left -= chunk.Length;
                    yield return new FileChunk(folder + file.Path, chunk, left == 0);
                }
            }
        }
    }

    private async Task<IReadOnlyList<OutputFile>> BuildAsync(ExportScope scope, ExportFormat format) => format switch
    {
        ExportFormat.HuggingFace => await models.MergedAsync(scope),
        ExportFormat.Peft => await models.AdapterAsync(scope),
        ExportFormat.RewardModel => await models.RewardModelAsync(scope),
        ExportFormat.Metrics => await histories.MetricsAsync(scope),
        ExportFormat.Report => await histories.ReportAsync(scope),
        ExportFormat.Samples => await histories.SamplesAsync(scope),
        _ => throw new ProblemException(ErrorCodes.SettingInvalid, $"there is no export format {format}"),
    };

    /// <summary>What is built and sent one after the other, so that no more than one model is in memory.</summary>
    private static IEnumerable<(string Folder, ExportFormat Format)> Parts(ExportScope scope, ExportFormat format)
    {
        if (format != ExportFormat.All)
        {
            return [("", format)];
        }

        var parts = new List<(string, ExportFormat)> { ("model/", ExportFormat.HuggingFace), ("metrics/", ExportFormat.Metrics), ("report/", ExportFormat.Report) };
        if (ModelExport.ParametersOf(scope) is { IsLora: true })
        {
            parts.Add(("adapter/", ExportFormat.Peft));
        }

        if (scope.Progress.Reward is not null)
        {
            parts.Add(("reward-model/", ExportFormat.RewardModel));
        }

        if (scope.Recipe.Ppo is not null)
        {
            parts.Add(("samples/", ExportFormat.Samples));
        }

        return parts;
    }
}

/// <summary>What an export is made from.</summary>
/// <param name="Run">The run.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Progress">Where it stands.</param>
/// <param name="Weights">last, best or sft.</param>
/// <param name="Cancellation">Cancels.</param>
public sealed record ExportScope(StoredRun Run, Recipe Recipe, RunProgress Progress, string Weights, CancellationToken Cancellation);
