using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Storage;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>The mathematics of a run's PPO without actors, messages or commits. Reads what PPO starts from before the
/// first iteration; after that the database is not touched.</summary>
internal sealed class DirectWorker : IWorker
{
    private readonly ServiceProvider _services;
    private readonly SpanLog _log;

    public DirectWorker(string connectionString, SpanLog log)
    {
        var services = new ServiceCollection().AddLogging();
        services.AddClinicalGptStorage(connectionString);
        (_services, _log) = (services.BuildServiceProvider(), log);
    }

    /// <inheritdoc/>
    public async Task<string> RunAsync(string runId)
    {
        var store = _services.GetRequiredService<IRunStore>();
        var source = new ModelSource(_services.GetRequiredService<IBlobStore>());
        var data = new RunData(_services.GetRequiredService<IBlobStore>());
        var run = (await store.FindAsync(runId, CancellationToken.None))!;
        var progress = (await store.GetProgressAsync(runId, CancellationToken.None))!;
        var start = new DirectStart(
            RecipeJson.Read(run.RecipeJson),
            run.RecipeJson,
            progress,
            await source.ReadBaseAsync(progress.Base!, CancellationToken.None),
            await source.ReadTensorsAsync(progress.Sft!.Parameters.Hash, CancellationToken.None),
            await source.ReadTensorsAsync(progress.Reward!.Parameters.Hash, CancellationToken.None),
            await data.ReadAsync(progress.Datasets[DataPlan.Prompts], CancellationToken.None),
            progress.Datasets.TryGetValue(DataPlan.Development, out var development)
                ? await data.ReadAsync(development, CancellationToken.None)
                : []);

        // One thread from beginning to end: tensors and dispose scopes belong to a thread.
        return await Task.Factory.StartNew(
            () =>
            {
                using var ppo = new DirectPpo(start, _log);
                return ppo.Run();
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
