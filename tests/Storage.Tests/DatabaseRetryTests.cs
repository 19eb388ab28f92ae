using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using ClinicalGpt.Orleans.Storage.Embedded;
using ClinicalGpt.Orleans.Storage.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class DatabaseRetryTests
{
    private static readonly DatabaseRetryOptions Short = new()
    {
        FirstDelay = TimeSpan.FromMilliseconds(10), GiveUpAfter = TimeSpan.FromMilliseconds(100),
    };

    private static ServiceProvider Services(string connectionString, DatabaseRetryOptions retry) =>
        new ServiceCollection().AddSingleton(retry).AddClinicalGptStorage(connectionString).BuildServiceProvider();

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [Fact]
    public async Task Run_NobodyListens_NamesThePlaceAndNotThePassword()
    {
        var port = ClosedPort();
        await using var services = Services($"Host=127.0.0.1;Port={port};Database=db1;Username=u1;Password=top-secret", Short);

        var problem = await Assert.ThrowsAsync<ProblemException>(
            () => services.GetRequiredService<IRunStore>().FindAsync("run-1", CancellationToken.None));

        Assert.Equal(ErrorCodes.DatabaseUnreachable, problem.Problems[0].Code);
        Assert.Contains($"127.0.0.1:{port}", problem.Message, StringComparison.Ordinal);
        Assert.Contains("db1", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("top-secret", problem.ToString(), StringComparison.Ordinal);
        Assert.NotNull(services.GetRequiredService<DatabaseRetry>().UnavailableSince);
    }

    [Fact]
    public async Task Run_CancelledWhileWaiting_Stops()
    {
        await using var services = Services(
            $"Host=127.0.0.1;Port={ClosedPort()};Username=u", new DatabaseRetryOptions { FirstDelay = TimeSpan.FromMinutes(1) });
        using var cancel = new CancellationTokenSource();
        var call = services.GetRequiredService<IRunStore>().FindAsync("run-1", cancel.Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public void AddStorage_TextThatIsNoConnectionString_IsRefusedWithoutShowingIt()
    {
        var problem = Assert.Throws<ProblemException>(
            () => new ServiceCollection().AddClinicalGptStorage("Host=h;Pasword=top-secret"));
        Assert.Equal(ErrorCodes.SettingInvalid, problem.Problems[0].Code);
        Assert.DoesNotContain("top-secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_ServerKilledAndStartedAgain_GoOnAndNothingCommittedIsLost()
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder.Path }, CancellationToken.None);
        await using var services = Services(
            server.ConnectionString, new DatabaseRetryOptions { FirstDelay = TimeSpan.FromMilliseconds(20) });
        await services.GetRequiredService<Migrator>().MigrateAsync(CancellationToken.None);
        var runs = services.GetRequiredService<IRunStore>();
        await runs.CreateAsync("run-1", "demo", "{}", "h", CancellationToken.None);
        var epoch = await runs.AcquireEpochAsync("run-1", CancellationToken.None);
        await runs.IssueAsync("run-1", epoch, 0, Samples.Entries, CancellationToken.None);
        await runs.CommitAsync(Samples.Ppo("run-1", epoch, 0), CancellationToken.None);

        await server.KillAsync();
        var issue = runs.IssueAsync("run-1", epoch, 1, Samples.Entries, CancellationToken.None);
        Assert.False(issue.IsCompleted);
        await server.RestartAsync();
        await issue;
        await runs.CommitAsync(Samples.Ppo("run-1", epoch, 1), CancellationToken.None);

        Assert.Equal(
            [0, 1], (await runs.GetIterationsAsync("run-1", "ppo", 0, CancellationToken.None)).Select(v => v.Iteration));
        Assert.Equal(6, (await runs.GetLedgerAsync("run-1", CancellationToken.None)).Count(r => r.Trained));
        Assert.Null(services.GetRequiredService<DatabaseRetry>().UnavailableSince);
    }

    [Fact]
    public async Task Transaction_ConnectionLostAfterTheCommit_IsRepeatedAndCountsOnce()
    {
        using var folder = new TemporaryFolder();
        await using var server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = folder.Path }, CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString);
        await new Migrator(source).MigrateAsync(CancellationToken.None);
        var retry = new DatabaseRetry(source, new DatabaseRetryOptions { FirstDelay = TimeSpan.FromMilliseconds(10) });
        var runs = new Commits.RunStore(retry);
        await runs.CreateAsync("run-1", "demo", "{}", "h", CancellationToken.None);
        var epoch = await runs.AcquireEpochAsync("run-1", CancellationToken.None);
        await runs.IssueAsync("run-1", epoch, 0, Samples.Entries, CancellationToken.None);
        var commit = Samples.Ppo("run-1", epoch, 0);
        var tries = 0;

        // The first try commits on the server, and then its answer is lost.
        await retry.RunAsync(
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                await new Commits.CommitTransaction(connection, commit, token).ExecuteAsync();
                await transaction.CommitAsync(token);
                return ++tries == 1 ? throw new NpgsqlException("lost", new IOException("reset")) : true;
            },
            CancellationToken.None);

        Assert.Equal(2, tries);
        Assert.Single(await runs.GetIterationsAsync("run-1", null, 0, CancellationToken.None));
    }
}
