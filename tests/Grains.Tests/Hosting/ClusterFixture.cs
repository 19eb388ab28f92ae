using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Storage;
using ClinicalGpt.Orleans.Storage.Embedded;
using ClinicalGpt.Orleans.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClinicalGpt.Orleans.Grains.Tests.Hosting;

/// <summary>One database server and one cluster for the assembly, and runs that several tests look at.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Task<RunSnapshot>> _undisturbed;
    private EmbeddedPostgres _server = null!;
    private ServiceProvider _storage = null!;

    public ClusterFixture() => _undisturbed = new(() => RunAsync("undisturbed", Tiny.Recipe()));

    public GrainCluster Cluster { get; private set; } = null!;

    public ClinicalGptClient Client => Cluster.Client;

    public string ConnectionString { get; private set; } = "";

    public IRunStore Runs => _storage.GetRequiredService<IRunStore>();

    public IBlobStore Blobs => _storage.GetRequiredService<IBlobStore>();

    public async Task InitializeAsync()
    {
        _server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = _folder.File("postgres") }, CancellationToken.None);
        ConnectionString = _server.ConnectionString;
        _storage = new ServiceCollection().AddClinicalGptStorage(ConnectionString).BuildServiceProvider();
        await _storage.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        Cluster = await GrainCluster.StartAsync(ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Cluster.DisposeAsync();
        await _storage.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The tiny recipe, run once without disturbance.</summary>
    public Task<RunSnapshot> UndisturbedAsync() => _undisturbed.Value;

    /// <summary>Starts a run and waits for its end.</summary>
    public async Task<RunSnapshot> RunAsync(string id, Recipe recipe) =>
        await WaitAsync(await Client.StartRunAsync(recipe, id), s => s.IsTerminal);

    /// <summary>Waits until a run's snapshot is as wanted; a minute without that is a failure.</summary>
    public static async Task<RunSnapshot> WaitAsync(RunHandle run, Func<RunSnapshot, bool> wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1.5));
        await foreach (var snapshot in run.WatchAsync(cancellationToken: patience.Token))
        {
            if (wanted(snapshot))
            {
                return snapshot;
            }
        }

        throw new InvalidOperationException($"run {run.RunId} ended before it was as wanted: {await run.DescribeAsync()}");
    }

    public async Task<RunProgress> ProgressAsync(string id) =>
        await Runs.GetProgressAsync(id, CancellationToken.None) ?? throw new InvalidOperationException($"run {id} has no progress");

    /// <summary>Does something to the database behind everybody's back.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var command = _storage.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Inverts the bits of a byte of a stored blob; doing it again restores it.</summary>
    public async Task FlipByteAsync(string hash, int position)
    {
        await using var command = _storage.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "UPDATE clinicalgpt.blob_chunks SET data = set_byte(data, $2, 255 - get_byte(data, $2)) WHERE hash = $1 AND chunk_index = 0");
        command.Parameters.Add(new NpgsqlParameter { Value = hash });
        command.Parameters.Add(new NpgsqlParameter { Value = position });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }
}

/// <summary>Tests that share the cluster; one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
