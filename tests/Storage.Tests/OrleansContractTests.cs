using ClinicalGpt.Orleans.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace ClinicalGpt.Orleans.Storage.Tests;

[GenerateSerializer]
public sealed class Cursor
{
    [Id(0)]
    public int Value { get; set; }
}

public interface ICursorGrain : IGrainWithStringKey
{
    Task<int> GetAsync();

    Task SetAsync(int value);

    Task ClearAsync();

    Task DeactivateAsync();

    Task<string[]> RemindAsync();

    Task<string[]> ForgetAsync();
}

public sealed class CursorGrain(
    [PersistentState("contract-cursor", "Default")] IPersistentState<Cursor> state) : Grain, ICursorGrain, IRemindable
{
    public Task<int> GetAsync() => Task.FromResult(state.State.Value);

    public Task SetAsync(int value)
    {
        state.State.Value = value;
        return state.WriteStateAsync();
    }

    public Task ClearAsync() => state.ClearStateAsync();

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<string[]> RemindAsync()
    {
        await this.RegisterOrUpdateReminder("watchdog", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await this.RegisterOrUpdateReminder("watchdog", TimeSpan.FromHours(2), TimeSpan.FromHours(2));
        return [.. (await this.GetReminders()).Select(r => r.ReminderName)];
    }

    public async Task<string[]> ForgetAsync()
    {
        await this.UnregisterReminder((await this.GetReminder("watchdog"))!);
        return [.. (await this.GetReminders()).Select(r => r.ReminderName)];
    }

    public Task ReceiveReminder(string reminderName, TickStatus status) => Task.CompletedTask;
}

/// <summary>The real providers on our schema: a newer package that asks for more fails here.</summary>
[Collection(PostgresCollection.Name)]
public sealed class OrleansContractTests(PostgresFixture postgres)
{
    private static IHost BuildSilo(string connectionString, NpgsqlDataSource database, bool deleteOnClear) =>
        Host.CreateDefaultBuilder()
            .ConfigureLogging(l => l.SetMinimumLevel(LogLevel.Critical))
            .UseOrleans(silo => silo
                .Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("contract", "contract"))
                .ConfigureEndpoints(FreePort(), FreePort(), listenOnAnyHostAddress: false)
                .UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = ("Npgsql", connectionString))
                .UseAdoNetReminderService(o => (o.Invariant, o.DataSource) = ("Npgsql", database))
                .AddAdoNetGrainStorageAsDefault(o =>
                    (o.Invariant, o.DataSource, o.DeleteStateOnClear) = ("Npgsql", database, deleteOnClear)))
            .Build();

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silo_OnOurSchema_JoinsKeepsStateAndReminders(bool deleteOnClear)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await new Migrator(database).MigrateAsync(CancellationToken.None);

        using (var silo = BuildSilo(connectionString, database, deleteOnClear))
        {
            await silo.StartAsync();
            var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ICursorGrain>("run-1");
            await grain.SetAsync(1);
            await grain.SetAsync(2);
            Assert.Equal(["watchdog"], await grain.RemindAsync());
            await AssertConcurrentFirstWritesGiveOneRowAsync(silo.Services, database);
            await silo.StopAsync();
        }

        using (var silo = BuildSilo(connectionString, database, deleteOnClear))
        {
            await silo.StartAsync();
            var grain = silo.Services.GetRequiredService<IGrainFactory>().GetGrain<ICursorGrain>("run-1");
            Assert.Equal(2, await grain.GetAsync());
            await grain.SetAsync(3);
            await grain.ClearAsync();
            Assert.Empty(await grain.ForgetAsync());
            await grain.SetAsync(4);
            Assert.Equal(4, await grain.GetAsync());
            await silo.StopAsync();
        }

        // The first silo's row and the second's: both are gone from the active ones.
        Assert.Equal(2L, await CountAsync(database, "SELECT count(*) FROM OrleansMembershipTable"));
        Assert.Equal(0L, await CountAsync(database, "SELECT count(*) FROM OrleansMembershipTable WHERE Status = 3"));
    }

    [Fact]
    public async Task MembershipTable_EveryQuery_KeepsTheContract()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var database = NpgsqlDataSource.Create(connectionString);
        await new Migrator(database).MigrateAsync(CancellationToken.None);
        using var silo = BuildSilo(connectionString, database, deleteOnClear: false);
        await silo.StartAsync();
        var table = silo.Services.GetRequiredService<IMembershipTable>();
        var all = await table.ReadAllAsync();
        var (entry, etag) = Assert.Single(all.Members);

        // An old table version: neither the row nor the version changes.
        var stale = new TableVersion(all.Version.Version, "0").Next();
        Assert.False(await table.UpdateRowAsync(entry, etag, new TableVersion(stale.Version - 2, (all.Version.Version - 2).ToString())));
        Assert.Equal(all.Version.Version, (await table.ReadAllAsync()).Version.Version);
        Assert.True(await table.UpdateRowAsync(entry, etag, all.Version.Next()));
        Assert.Equal(all.Version.Version + 1, (await table.ReadRowAsync(entry.SiloAddress)).Version.Version);
        entry.IAmAliveTime = DateTime.UtcNow;
        await table.UpdateIAmAliveAsync(entry);
        await table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddHours(1));
        Assert.Single((await table.ReadAllAsync()).Members); // it is active: not defunct

        await silo.StopAsync();
        await table.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddHours(1));
        Assert.Empty((await table.ReadAllAsync()).Members);
        await table.DeleteMembershipTableEntriesAsync("contract");
        Assert.Equal(0L, await CountAsync(database, "SELECT count(*) FROM OrleansMembershipVersionTable"));
    }

    private static async Task AssertConcurrentFirstWritesGiveOneRowAsync(IServiceProvider services, NpgsqlDataSource database)
    {
        var storage = services.GetRequiredKeyedService<IGrainStorage>("Default");
        var id = GrainId.Create("contract", "first-write");
        var writes = Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            try
            {
                await storage.WriteStateAsync("race", id, new GrainState<Cursor>(new Cursor { Value = i }));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        }));

        Assert.Single(await Task.WhenAll(writes), won => won);
        Assert.Equal(1L, await CountAsync(database, "SELECT count(*) FROM OrleansStorage WHERE GrainTypeString = 'race'"));
    }

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
