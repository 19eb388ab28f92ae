using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Client;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Client.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Real silo processes on a database of their own, and a client that starts, watches and reads runs.</summary>
internal sealed class SiloCluster : IAsyncDisposable
{
    public const string AllRoles = "policy,reference,reward,rollout";
    private static readonly TimeSpan RunLimit = TimeSpan.FromMinutes(3);
    private readonly string _connectionString;
    private IHost? _host;

    private SiloCluster(string connectionString) => _connectionString = connectionString;

    public Dictionary<string, SiloProcess> Silos { get; } = [];

    public string Logs => string.Join(Environment.NewLine, Silos.Values.Select(s => $"--- {s.Name}{Environment.NewLine}{s.Log}"));

    public static async Task<SiloCluster> StartAsync(PostgresFixture postgres, params (string Name, string Roles)[] silos)
    {
        var cluster = new SiloCluster(await postgres.CreateDatabaseAsync());
        foreach (var (name, roles) in silos)
        {
            cluster.Silos[name] = new SiloProcess(name, roles, cluster._connectionString);
            await cluster.Silos[name].StartAsync();
        }

        return cluster;
    }

    public static (string Name, string Roles)[] Named(int count) =>
        [.. Enumerable.Range(1, count).Select(i => ($"silo-{i}", AllRoles))];

    /// <summary>Starts the micro recipe.</summary>
    public async Task<RunHandle> SubmitAsync(string runId, params string[] sets)
    {
        var recipe = RecipeReader.ReadFile(Path.Combine(Repository.Root, "recipes", "micro.yaml"), ["evaluate.maxCases=16", .. sets]);
        return await (await ClientAsync()).StartRunAsync(recipe, runId);
    }

    public async Task<ClinicalGptClient> ClientAsync()
    {
        if (_host is null)
        {
            var builder = Host.CreateApplicationBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddClinicalGptClient(o => o.ConnectionString = _connectionString);
            _host = builder.Build();
            await _host.StartAsync();
        }

        return _host.Services.GetRequiredService<ClinicalGptClient>();
    }

    public async Task DisconnectAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
        _host = null;
    }

    public async Task<RunSnapshot> WaitUntilAsync(RunHandle run, string what, Func<RunSnapshot, bool> holds)
    {
        RunSnapshot? last = null;
        await Wait.UntilAsync(what, RunLimit, async () => holds(last = await run.DescribeAsync()), () => $"{last}{Environment.NewLine}{Logs}");
        return last!;
    }

    public async Task<RunOutcome> FinishAsync(RunHandle run)
    {
        var end = await WaitUntilAsync(run, $"run {run.RunId} ends", s => s.IsTerminal);
        Assert.True(end.Status == RunStatus.Completed, $"{end.Status}: {end.Reason}{Environment.NewLine}{Logs}");
        var wrong = new List<RunCheckLine>();
        await foreach (var line in run.CheckAsync())
        {
            if (!line.Passed)
            {
                wrong.Add(line);
            }
        }

        Assert.Empty(wrong);
        return await RunOutcome.ReadAsync(run, end);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await DisconnectAsync();
        }

        foreach (var silo in Silos.Values)
        {
            silo.Dispose();
        }
    }
}

/// <summary>The source tree: the recipes refer to samples and model beside them.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClinicalGpt.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the tests must run inside the source tree");
    }
}
