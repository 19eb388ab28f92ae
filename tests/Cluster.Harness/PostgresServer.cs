using ClinicalGpt.Orleans.Storage.Embedded;
using Npgsql;

namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>A real PostgreSQL server of its own, with a database for each cluster.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly string _folder;

    private PostgresServer(string folder, EmbeddedPostgres server) => (_folder, Server) = (folder, server);

    /// <summary>The server.</summary>
    public EmbeddedPostgres Server { get; }

    public static async Task<PostgresServer> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("clinicalgpt-pg-").FullName;
        return new PostgresServer(folder, await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder, MaxConnections = 200 }, CancellationToken.None));
    }

    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Guid.NewGuid():N}";
        // A source of its own: a pooled connection may be one that a killed server has left behind.
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return Server.ConnectionTo(name);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
