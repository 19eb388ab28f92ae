using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Storage.Migrations;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

[Collection(PostgresCollection.Name)]
public sealed class MigratorTests(PostgresFixture postgres)
{
    private async Task<NpgsqlDataSource> EmptyAsync() => NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

    private static async Task<string> CodeOf(Func<Task> action) =>
        Assert.Single((await Assert.ThrowsAsync<ProblemException>(action)).Problems).Code;

    [Fact]
    public async Task Migrate_EmptyDatabase_AppliesEveryScript()
    {
        await using var database = await EmptyAsync();
        var migrator = new Migrator(database);

        var result = await migrator.MigrateAsync(CancellationToken.None);

        Assert.Equal((0, Migrator.CurrentVersion), (result.From, result.To));
        Assert.Equal(["0001_orleans", "0002_clinicalgpt", "0003_attempts"], result.Applied);
        await migrator.EnsureCurrentAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Migrate_Twice_DoesNothingTheSecondTime()
    {
        await using var database = await EmptyAsync();
        await new Migrator(database).MigrateAsync(CancellationToken.None);
        Assert.Empty((await new Migrator(database).MigrateAsync(CancellationToken.None)).Applied);
    }

    [Fact]
    public async Task Migrate_SixAtOnce_AppliesEachScriptOnce()
    {
        await using var database = await EmptyAsync();
        var results = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => Task.Run(() => new Migrator(database).MigrateAsync(CancellationToken.None))));
        Assert.Equal(3, results.Sum(r => r.Applied.Count));
        Assert.All(results, r => Assert.Equal(Migrator.CurrentVersion, r.To));
    }

    [Fact]
    public async Task EnsureCurrent_EmptyDatabase_NamesTheCommand()
    {
        await using var database = await EmptyAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(
            () => new Migrator(database).EnsureCurrentAsync(CancellationToken.None));
        Assert.Equal(ErrorCodes.SchemaMissing, problem.Problems[0].Code);
        Assert.Contains("clinicalgpt migrate", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrateAndEnsureCurrent_NewerSchema_AreRefused()
    {
        await using var database = await EmptyAsync();
        var migrator = new Migrator(database);
        await migrator.MigrateAsync(CancellationToken.None);
        await using var command = database.CreateCommand(
            "INSERT INTO clinicalgpt.schema_version (version, name) VALUES (999, 'future')");
        await command.ExecuteNonQueryAsync();

        Assert.Equal(ErrorCodes.SchemaTooNew, await CodeOf(() => migrator.MigrateAsync(CancellationToken.None)));
        Assert.Equal(ErrorCodes.SchemaTooNew, await CodeOf(() => migrator.EnsureCurrentAsync(CancellationToken.None)));
    }

    [Fact]
    public async Task Migrate_TablesOfAnotherOrleansApplication_IsRefusedAndChangesNothing()
    {
        await using var database = await EmptyAsync();
        await using var make = database.CreateCommand("CREATE TABLE OrleansQuery (x integer)");
        await make.ExecuteNonQueryAsync();

        Assert.Equal(
            ErrorCodes.SettingInvalid, await CodeOf(() => new Migrator(database).MigrateAsync(CancellationToken.None)));

        await using var look = database.CreateCommand("SELECT to_regnamespace('clinicalgpt') IS NULL");
        Assert.True((bool)(await look.ExecuteScalarAsync())!);
    }

    [Fact]
    public async Task Commit_SchemaMigratedByANewerProgramMeanwhile_IsRefusedAndTheStatusIsStillWritten()
    {
        await using var database = await EmptyAsync();
        await new Migrator(database).MigrateAsync(CancellationToken.None);
        var runs = new Commits.RunStore(new Connections.DatabaseRetry(database));
        await runs.CreateAsync("run-1", "demo", "{}", "h", CancellationToken.None);
        var epoch = await runs.AcquireEpochAsync("run-1", CancellationToken.None);
        await runs.IssueAsync("run-1", epoch, 0, Samples.Entries, CancellationToken.None);
        await using var newer = database.CreateCommand(
            "INSERT INTO clinicalgpt.schema_version (version, name) VALUES (999, 'future')");
        await newer.ExecuteNonQueryAsync();

        Assert.Equal(ErrorCodes.SchemaTooNew, await CodeOf(() => runs.CommitAsync(Samples.Ppo("run-1", epoch, 0), CancellationToken.None)));
        Assert.Equal(ErrorCodes.SchemaTooNew, await CodeOf(
            () => runs.BeginAttemptAsync("run-1", epoch, "ppo", 0, CancellationToken.None)));

        var reason = new Problem(ErrorCodes.SchemaTooNew, "newer");
        await runs.SetStatusAsync("run-1", epoch, RunStatus.Failed, reason, CancellationToken.None);
        var run = await runs.FindAsync("run-1", CancellationToken.None);
        Assert.Equal((RunStatus.Failed, reason), (run!.Status, run.Reason));
        Assert.Empty(await runs.GetIterationsAsync("run-1", null, 0, CancellationToken.None));
    }
}
