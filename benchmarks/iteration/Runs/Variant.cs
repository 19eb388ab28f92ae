using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;

/// <summary>A way of carrying a run through: plain calls, one silo, or roles split over two.</summary>
/// <param name="Name">For tables.</param>
/// <param name="Workers">Its processes; the first is the one that is told to run.</param>
internal sealed record Variant(string Name, IReadOnlyList<WorkerProcess> Workers) : IAsyncDisposable
{
    public const string Direct = "direct";
    public const string OneSilo = "one silo";
    public const string TwoSilos = "two silos";
    public const string AllRoles = "policy,reference,reward,rollout";
    private static readonly (string Name, string[] Roles)[] Kinds =
    [
        (Direct, [WorkerCommand.Direct]),
        (OneSilo, [AllRoles]),
        (TwoSilos, ["policy,reward", "reference,rollout"]),
    ];

    public static async Task<IReadOnlyList<Variant>> StartAllAsync(string connectionString)
    {
        var variants = new List<Variant>();
        foreach (var (name, roles) in Kinds)
        {
            variants.Add(await StartAsync(name, roles, connectionString));
        }

        return variants;
    }

    public static async Task<Variant> StartAsync(string name, string[] roles, string connectionString)
    {
        // A cluster of its own each time, so that no dead member of last time is waited for.
        var cluster = $"iteration-{Guid.NewGuid():N}"[..20];
        var workers = new List<WorkerProcess>();
        foreach (var role in roles)
        {
            workers.Add(await WorkerProcess.StartAsync($"{name.Replace(' ', '-')}-{workers.Count + 1}", role, cluster, connectionString));
        }

        return new Variant(name, workers);
    }

    /// <summary>Carries a run through.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="folder">For the spans on their way here.</param>
    public async Task<(string Hash, IReadOnlyList<IterationTimes> Iterations)> MeasureAsync(string runId, string folder)
    {
        await SpansAsync(folder);
        var hash = await Workers[0].RunAsync(runId);
        return (hash, IterationTimes.Of(await SpansAsync(folder)));
    }

    public async ValueTask DisposeAsync()
    {
        // The one that was told to run leaves last: it is the one with a client inside.
        foreach (var worker in Workers.Reverse())
        {
            await worker.DisposeAsync();
        }
    }

    private async Task<IReadOnlyList<Span>> SpansAsync(string folder)
    {
        var spans = new List<Span>();
        foreach (var worker in Workers)
        {
            var file = Path.Combine(folder, $"{worker.Name}.json");
            await worker.AskAsync($"spans {file}");
            spans.AddRange(SpanLog.Read(file));
            File.Delete(file);
        }

        return spans;
    }
}
