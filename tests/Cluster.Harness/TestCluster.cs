using System.Diagnostics;
using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Client;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>Silo processes over a database of their own, and a client. Everything ends with the test.</summary>
public sealed class TestCluster : IAsyncDisposable
{
    public const string AllRoles = "policy,reference,reward,rollout";
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TestClusterOptions _options;
    private readonly string _folder = Directory.CreateTempSubdirectory("clinicalgpt-cluster-").FullName;
    private readonly List<SiloProcess> _silos = [];
    private readonly ServiceProvider _storage;
    private IHost? _client;

    private TestCluster(string connectionString, TestClusterOptions options)
    {
        (ConnectionString, _options) = (connectionString, options);
        _storage = new ServiceCollection().AddClinicalGptStorage(connectionString).BuildServiceProvider();
    }

    public string ConnectionString { get; }

    /// <summary>A folder of the test's own.</summary>
    public string Folder => _folder;

    public IReadOnlyList<SiloProcess> Silos => _silos;

    /// <summary>The database, for looking at a run without a call to any silo.</summary>
    public IRunStore Store => _storage.GetRequiredService<IRunStore>();

    public ClinicalGptClient Client => Services.GetRequiredService<ClinicalGptClient>();

    /// <summary>For calls to grains that the client does not wrap.</summary>
    public IGrainFactory Grains => Services.GetRequiredService<IClusterClient>();

    private IServiceProvider Services => _client?.Services ?? throw new InvalidOperationException("the client is closed");

    /// <summary>Starts a cluster and connects.</summary>
    public static Task<TestCluster> StartAsync(PostgresServer postgres, params string[] roles) =>
        StartAsync(postgres, new TestClusterOptions { Roles = roles });

    /// <summary>Starts a cluster and connects.</summary>
    public static async Task<TestCluster> StartAsync(PostgresServer postgres, TestClusterOptions options)
    {
        var cluster = new TestCluster(await postgres.CreateDatabaseAsync(), options);
        try
        {
            foreach (var roles in options.Roles)
            {
                cluster.Add(roles);
            }

            await cluster.StartSilosAsync();
            await cluster.ConnectAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public SiloProcess Silo(string name) => _silos.Single(s => s.Name == name);

    /// <summary>Adds a silo that is not started yet.</summary>
    public SiloProcess Add(string roles)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"silo-{_silos.Count + 1}");
        var environment = new Dictionary<string, string>(_options.Environment);
        if (_options.Failpoint is { } failpoint && (_options.FailpointOn is null || _options.FailpointOn == name))
        {
            environment[FailpointSettings.Variable] = failpoint;
            environment[FailpointSettings.TokenVariable] = Path.Combine(_folder, "token");
        }

        _silos.Add(new SiloProcess(name, roles, ConnectionString, _folder, environment));
        return _silos[^1];
    }

    /// <summary>Starts every silo that does not run, and waits until all are ready.</summary>
    public async Task StartSilosAsync()
    {
        foreach (var silo in _silos.Where(s => !s.IsRunning))
        {
            silo.Start();
        }

        await Task.WhenAll(_silos.Select(s => s.WaitReadyAsync()));
    }

    public async Task ConnectAsync()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddLogging(l => l.ClearProviders());
        builder.Services.AddClinicalGptClient(o =>
        {
            o.ConnectionString = ConnectionString;
            o.CallTimeout = TimeSpan.FromSeconds(3);
            o.RetryFor = TimeSpan.FromSeconds(120);
            o.WatchInterval = LookEvery;
        });
        _client = builder.Build();
        await _client.StartAsync();
    }

    public async Task DisconnectAsync()
    {
        if (_client is { } client)
        {
            _client = null;
            await client.StopAsync();
            client.Dispose();
        }
    }

    /// <summary>Waits until the failpoint has fired.</summary>
    /// <returns>The silo it fired on, and the token file.</returns>
    public async Task<(SiloProcess Silo, string Token)> UntilFiredAsync(int times = 1)
    {
        var token = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"token.{times}"));
        await UntilAsync($"failpoint {_options.Failpoint}", () => Task.FromResult(File.Exists(token) && new FileInfo(token).Length > 0));
        var text = await File.ReadAllTextAsync(token);
        var pid = int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture);
        return (_silos.Single(s => s.ProcessId == pid), token);
    }

    /// <summary>Lets a failpoint with the action wait go on.</summary>
    public static void GoOn(string token) => File.WriteAllText(token + FailpointSettings.GoOn, "");

    /// <summary>Waits for a state of the run; fails when the run ends first, or after some minutes.</summary>
    public async Task<RunSnapshot> UntilAsync(RunHandle run, string what, Func<RunSnapshot, bool> holds)
    {
        RunSnapshot? now = null;
        await UntilAsync(
            what,
            async () =>
            {
                now = await run.DescribeAsync();
                ClusterException.Require(holds(now) || !now.IsTerminal, () => $"waiting for {what}: the run is over. {Describe(now)}");
                return holds(now);
            });
        return now!;
    }

    /// <summary>Waits until the run is at work on an iteration of a stage, or past it.</summary>
    public Task<RunSnapshot> UntilInAsync(RunHandle run, string stage, int iteration, string? phase = null) => UntilAsync(
        run, $"{stage} {iteration} {phase}", s => s.Stage == stage && s.Iteration >= iteration && (phase is null || s.Phase == phase));

    /// <summary>Waits for the run's completion, and reads what it left in the database.</summary>
    public async Task<RunOutcome> CompleteAsync(RunHandle run)
    {
        var last = await UntilAsync(run, "completion", s => s.IsTerminal);
        ClusterException.Require(last.Status == RunStatus.Completed, () => Describe(last));
        await CheckAsync(run);
        return await RunOutcome.ReadAsync(Store, run.RunId);
    }

    /// <summary>Waits until the database says something about a run. Calls no silo, so nothing is woken by it.</summary>
    public async Task<StoredRun> UntilStoredAsync(string runId, string what, Func<StoredRun, bool> holds)
    {
        StoredRun? now = null;
        await UntilAsync(what, async () => (now = await Store.FindAsync(runId, CancellationToken.None)) is not null && holds(now));
        return now!;
    }

    /// <summary>Waits for the run's completion as the database tells it; no silo is called meanwhile.</summary>
    public async Task<RunOutcome> CompleteByItselfAsync(string runId)
    {
        var last = await UntilStoredAsync(
            runId, "completion", r => r.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled);
        ClusterException.Require(last.Status == RunStatus.Completed, () => $"{last.Status}: {last.Reason}\n{LogTails()}");
        return await RunOutcome.ReadAsync(Store, runId);
    }

    /// <summary>Waits until one of some silos has begun tensor work after a number of its log lines.</summary>
    public Task UntilTensorWorkAsync(IReadOnlyDictionary<SiloProcess, int> after) => UntilAsync(
        "tensor work",
        () => Task.FromResult(after.Any(a => a.Key.LogLines().Skip(a.Value).Any(l => l.Contains("Device job", StringComparison.Ordinal)))));

    /// <summary>Waits until a silo has logged a text <paramref name="times"/> times.</summary>
    public Task UntilLoggedAsync(SiloProcess silo, string text, int times) => UntilAsync(
        $"`{text}` logged {times} times", () => Task.FromResult(silo.LogLines().Count(l => l.Contains(text, StringComparison.Ordinal)) >= times));

    /// <summary>Waits for anything; fails with the ends of all logs.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        var since = Stopwatch.StartNew();
        using var beat = new PeriodicTimer(LookEvery);
        while (!await holds())
        {
            ClusterException.Require(since.Elapsed < Patience, () => $"waiting for {what}: {Patience.TotalMinutes} min are over.\n{LogTails()}");
            await beat.WaitForNextTickAsync();
        }
    }

    /// <summary>Proves the run's history whole, as <c>clinicalgpt run check</c> does.</summary>
    public static async Task CheckAsync(RunHandle run)
    {
        await foreach (var line in run.CheckAsync())
        {
            ClusterException.Require(line.Passed, () => $"run check: {line}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync();
        foreach (var silo in _silos)
        {
            await silo.DisposeAsync();
        }

        await _storage.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A run's state and the ends of all logs: what a failed test says.</summary>
    public string Describe(RunSnapshot s) =>
        $"{s.RunId}: {s.Status} at {s.Stage} {s.Iteration} {s.Phase}, epoch {s.Epoch} on {s.Silo}, reason {s.Reason}\n{LogTails()}";

    private string LogTails() => string.Join('\n', _silos.Select(x => x.LogTail()));
}
