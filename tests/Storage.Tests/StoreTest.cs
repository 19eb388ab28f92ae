using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using ClinicalGpt.Orleans.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

/// <summary>A migrated database with the ports as a host registers them.</summary>
[Collection(PostgresCollection.Name)]
public abstract class StoreTest(PostgresFixture postgres) : IAsyncLifetime
{
    private ServiceProvider? _services;

    protected PostgresFixture Postgres { get; } = postgres;

    protected static CancellationToken None => CancellationToken.None;

    protected NpgsqlDataSource Database => Service<NpgsqlDataSource>();

    protected IRunStore Runs => Service<IRunStore>();

    protected IBlobStore Blobs => Service<IBlobStore>();

    protected IAuditLog Audit => Service<IAuditLog>();

    public async Task InitializeAsync()
    {
        _services = Services(await Postgres.CreateDatabaseAsync());
        await Service<Migrator>().MigrateAsync(None);
    }

    public async Task DisposeAsync()
    {
        if (_services is not null)
        {
            await _services.DisposeAsync();
        }
    }

    protected static ServiceProvider Services(string connectionString, DatabaseRetryOptions? retry = null)
    {
        var services = new ServiceCollection();
        if (retry is not null)
        {
            services.AddSingleton(retry);
        }

        return services.AddClinicalGptStorage(connectionString).BuildServiceProvider();
    }

    protected async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    protected async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    protected static async Task<string> CodeOf(Func<Task> action) =>
        Assert.Single((await Assert.ThrowsAsync<ProblemException>(action)).Problems).Code;

    private T Service<T>()
        where T : notnull => _services!.GetRequiredService<T>();
}
