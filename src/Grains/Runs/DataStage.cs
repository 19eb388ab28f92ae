using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Clinical.Datasets;
using ClinicalGpt.Orleans.Grains.Devices;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Reads model and files once, keeps them by content, and refuses everything that is wrong at once. After this
/// stage the run needs no file but the base model's folder.</summary>
/// <param name="blobs">Content-addressed bytes.</param>
/// <param name="models">Base models.</param>
public sealed class DataStage(IBlobStore blobs, BaseModelPreparation models) : IRunStage
{
    /// <inheritdoc/>
    public string Name => StageNames.Data;

    /// <inheritdoc/>
    public Task<int> CountIterationsAsync(RunContext run, RunProgress progress) => Task.FromResult(1);

    /// <inheritdoc/>
    public async Task<IterationCommit> RunIterationAsync(RunContext run, RunProgress progress)
    {
        var clock = Stopwatch.StartNew();
        await run.ReportAsync("import", "");
        var imported = ImportAll(run.Recipe);
        var datasets = new Dictionary<string, DatasetReference>();
        var metrics = new Dictionary<string, double>();
        foreach (var (name, set) in imported)
        {
            var hash = await blobs.PutAsync(DatasetJson.Write(set.Records), MediaTypes.JsonLines, run.Cancellation);
            datasets[name] = new DatasetReference { Name = name, Hash = hash, Records = set.Records.Count, Skipped = set.Skipped };
            metrics[$"data/{name}/records"] = set.Records.Count;
            metrics[$"data/{name}/skipped"] = set.Skipped;
        }

        var graph = run.Recipe.Data.Graph is { } path
            ? await blobs.PutAsync(await ReadGraphAsync(path, run.Cancellation), MediaTypes.JsonLines, run.Cancellation)
            : null;
        await run.ReportAsync("model", "");
        var (reference, sft, reward, modelBlobs) = await models.PrepareAsync(run.Recipe, imported, run.Cancellation);
        var next = progress with
        {
            Iteration = 1,
            Base = reference,
            Datasets = datasets,
            GraphHash = graph,
            Sft = sft,
            Reward = reward,
            Threads = run.Recipe.Compute.Threads,
            KlCoef = run.Recipe.Ppo?.KlCoef ?? 0,
        };
        return run.Commit(Name, 0, next, metrics) with
        {
            Blobs = [.. datasets.Values.Select(d => d.Hash), .. graph is null ? Array.Empty<string>() : [graph], .. modelBlobs],
            Timings = new Dictionary<string, double> { ["time/total"] = clock.Elapsed.TotalSeconds },
        };
    }

    private static Dictionary<string, ImportResult> ImportAll(Recipe recipe)
    {
        var sets = new Dictionary<string, ImportResult>();
        var problems = new List<Problem>();
        foreach (var (name, files, kind) in DataPlan.SetsOf(recipe))
        {
            try
            {
                sets[name] = DatasetImporter.Import(files, kind, recipe.Data);
            }
            catch (ProblemException e)
            {
                problems.AddRange(e.Problems);
            }
        }

        if (problems.Count > 0)
        {
            throw new ProblemException([.. problems.Distinct()]);
        }

        DataPlan.SetAside(sets, recipe, DataPlan.Sft, DataPlan.SftHeldOut);
        DataPlan.SetAside(sets, recipe, DataPlan.Reward, DataPlan.RewardHeldOut);
        return sets;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadGraphAsync(string path, CancellationToken cancellationToken) =>
        File.Exists(path)
            ? await File.ReadAllBytesAsync(path, cancellationToken)
            : throw new ProblemException(ErrorCodes.DataFileMissing, "the knowledge graph's file does not exist", path, key: "data.graph");
}
