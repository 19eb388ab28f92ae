using System.Diagnostics;
using ClinicalGpt.Orleans.Storage.Embedded;
using ClinicalGpt.Orleans.Storage.Migrations;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

/// <summary>A real server of its own with what can happen to one: no room, read-only, frozen.</summary>
public sealed class TroubledServer : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private EmbeddedPostgres _server = null!;
    private string _postmaster = "";

    public string ConnectionString => _server.ConnectionString;

    public async Task InitializeAsync()
    {
        _server = await EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { DataFolder = _folder.Path }, CancellationToken.None);
        await using var database = NpgsqlDataSource.Create(ConnectionString);
        await new Migrator(database).MigrateAsync(CancellationToken.None);
        var data = await ExecuteAsync("SELECT current_setting('data_directory')");
        _postmaster = File.ReadLines(Path.Combine(data!, "postmaster.pid")).First().Trim();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    public async Task SetReadOnlyAsync(string value)
    {
        await ExecuteAsync($"ALTER SYSTEM SET default_transaction_read_only = {value}");
        await ExecuteAsync("SELECT pg_reload_conf()");
        await UntilAsync(
            $"read only {value}", async () => await ExecuteAsync("SELECT current_setting('default_transaction_read_only')") == value, () => "");
    }

    public Task EndConnectionsAsync() =>
        ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname IS NOT NULL");

    /// <summary>Processes the server starts from now on may not make a file longer than this. Only the server's own user may
    /// set its limits, which root in a container is not.</summary>
    public Task LimitFilesAsync(string limit)
    {
        const string Script =
            """
            owner=$(stat -c %U "/proc/$0")
            if [ "$owner" = "$(id -un)" ]; then prlimit --pid="$0" --fsize="$1"; else runuser -u "$owner" -- prlimit --pid="$0" --fsize="$1"; fi
            """;
        return CommandAsync("bash", "-c", Script, _postmaster, limit);
    }

    public Task SignalAsync(string signal)
    {
        var children = File.ReadAllText($"/proc/{_postmaster}/task/{_postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return CommandAsync("kill", [$"-{signal}", _postmaster, .. children]);
    }

    public static async Task UntilAsync(string what, Func<Task<bool>> holds, Func<string> seen)
    {
        var clock = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"not within 30 s: {what}. Seen: {seen()}");
            await tick.WaitForNextTickAsync();
        }
    }

    private async Task<string?> ExecuteAsync(string sql)
    {
        // Not from a pool: it may hold connections that were ended.
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static async Task CommandAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
