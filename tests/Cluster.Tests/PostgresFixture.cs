using ClinicalGpt.Orleans.Storage.Embedded;
using Npgsql;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>One real PostgreSQL server for all tests; a database of its own for each cluster, so that none sees another's silos.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "clinicalgpt-cluster-tests-" + Guid.NewGuid().ToString("N"));

    public PostgresFixture() => Undisturbed = new Undisturbed(this);

    public EmbeddedPostgres Server { get; private set; } = null!;

    /// <summary>The outcome all disturbed runs are compared with; carried out once.</summary>
    public Undisturbed Undisturbed { get; }

    public async Task InitializeAsync() =>
        Server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = _folder }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task<string> CreateDatabaseAsync()
    {
        var name = "cluster_" + Guid.NewGuid().ToString("N");
        // A source of its own: a pooled connection may be one that a killed server has left behind.
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return Server.ConnectionTo(name);
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterTests : ICollectionFixture<PostgresFixture>
{
    public const string Name = "cluster";
}
