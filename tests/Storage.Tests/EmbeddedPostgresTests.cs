using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Storage.Embedded;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class EmbeddedPostgresTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private EmbeddedPostgresOptions Options => new() { DataFolder = _folder.Path };

    public void Dispose() => _folder.Dispose();

    private static async Task<object?> QueryAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString + ";Pooling=false");
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    [Fact]
    public async Task Start_NewFolder_ListensOnLoopbackWithPasswordAndFsync()
    {
        await using var server = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);

        Assert.True(server.WasStarted);
        Assert.Equal("127.0.0.1", await QueryAsync(server, "SHOW listen_addresses"));
        Assert.Equal("", await QueryAsync(server, "SHOW unix_socket_directories"));
        Assert.Equal("on", await QueryAsync(server, "SHOW fsync"));
        Assert.Equal("on", await QueryAsync(server, "SHOW data_checksums"));
        Assert.Equal(0L, await QueryAsync(server, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'"));
        await using var wrong = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(server.ConnectionString) { Password = "wrong" }.ConnectionString);
        var refusal = await Assert.ThrowsAsync<PostgresException>(async () => await wrong.OpenConnectionAsync());
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refusal.SqlState);
    }

    [Fact]
    public async Task Start_ServerKilledWithSigkill_RecoversWhatWasCommitted()
    {
        var first = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);
        await QueryAsync(first, "CREATE TABLE t (x integer)");
        await QueryAsync(first, "INSERT INTO t VALUES (42)");
        await first.KillAsync();
        Assert.True(File.Exists(Path.Combine(_folder.Path, "data", "postmaster.pid")));

        await using var second = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);

        Assert.True(second.WasStarted);
        Assert.Equal(42, await QueryAsync(second, "SELECT x FROM t"));
    }

    [Fact]
    public async Task Start_PidFileOfAnotherLivingProcess_StartsAnyway()
    {
        var first = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);
        await first.KillAsync();
        var file = Path.Combine(_folder.Path, "data", "postmaster.pid");
        var lines = await File.ReadAllLinesAsync(file);
        lines[0] = "1";
        await File.WriteAllLinesAsync(file, lines);

        await using var second = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);

        Assert.True(second.WasStarted);
    }

    [Fact]
    public async Task Start_FourAtOnce_OneStartsTheOthersAttach()
    {
        var servers = await Task.WhenAll(Enumerable.Range(0, 4)
            .Select(_ => Task.Run(() => EmbeddedPostgres.StartAsync(Options, CancellationToken.None))));
        try
        {
            Assert.Single(servers, s => s.WasStarted);
            Assert.Single(servers.Select(s => s.ConnectionString).Distinct());
            await servers.First(s => !s.WasStarted).DisposeAsync(); // found running: left running
            Assert.Equal(1, await QueryAsync(servers[0], "SELECT 1"));
        }
        finally
        {
            await EmbeddedPostgres.StopAsync(_folder.Path);
        }
    }

    [Fact]
    public async Task Stop_ByFolder_StopsOnceAndKeepsTheData()
    {
        var server = await EmbeddedPostgres.StartAsync(Options, CancellationToken.None);
        await QueryAsync(server, "CREATE TABLE t AS SELECT 7 AS x");

        Assert.True(await EmbeddedPostgres.StopAsync(_folder.Path));
        Assert.False(await EmbeddedPostgres.StopAsync(_folder.Path));
        Assert.False(await EmbeddedPostgres.StopAsync(_folder.Path + "-none"));

        await server.RestartAsync();
        Assert.Equal(7, await QueryAsync(server, "SELECT x FROM t"));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Start_PortInUse_NamesThePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var problem = await Assert.ThrowsAsync<ProblemException>(
            () => EmbeddedPostgres.StartAsync(Options with { Port = port }, CancellationToken.None));

        Assert.Equal(ErrorCodes.PortInUse, problem.Problems[0].Code);
        Assert.Contains($"{port}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FolderThatCannotBeWritten_IsRefused()
    {
        var file = Path.Combine(_folder.Path, "file");
        await File.WriteAllTextAsync(file, "");

        var problem = await Assert.ThrowsAsync<ProblemException>(() => EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(file, "below") }, CancellationToken.None));

        Assert.Equal(ErrorCodes.WriteFailed, problem.Problems[0].Code);
    }

    [Fact]
    public async Task Start_FolderTheServersUserCannotReach_MovesAndIsFoundAgain()
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return; // an ordinary user's server runs as that user
        }

        var closed = Path.Combine(_folder.Path, "closed");
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var lines = new List<string>();
        var options = new EmbeddedPostgresOptions { DataFolder = Path.Combine(closed, "pg"), Log = lines.Add };

        var server = await EmbeddedPostgres.StartAsync(options, CancellationToken.None);
        try
        {
            Assert.DoesNotContain(closed, server.DataFolder, StringComparison.Ordinal);
            Assert.Contains(lines, l => l.Contains(server.DataFolder, StringComparison.Ordinal));
            Assert.True(await EmbeddedPostgres.StopAsync(options.DataFolder));
        }
        finally
        {
            await server.StopAsync();
            Directory.Delete(server.DataFolder, recursive: true);
        }
    }
}
