using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>A private PostgreSQL server for development and tests: on 127.0.0.1 only, with a generated password, durable
/// (fsync stays on). It outlives Ctrl-C in the terminal, and a process that comes later finds it by its folder.</summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly EmbeddedPostgresOptions _options;
    private readonly ServerFolder _folder;
    private readonly string _requested;
    private readonly string _password;

    private EmbeddedPostgres(
        EmbeddedPostgresOptions options, string requested, ServerFolder folder, string password, int port, bool started)
    {
        (_options, _requested, _folder, _password) = (options, requested, folder, password);
        Port = port;
        WasStarted = started;
    }

    /// <summary>Port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Folder the data really lives in.</summary>
    public string DataFolder => _folder.Root;

    /// <summary>True: this object started the server, and disposing it stops the server. False: it was found running.</summary>
    public bool WasStarted { get; }

    /// <summary>Connects as the owner to the database <c>clinicalgpt</c>. Holds the password.</summary>
    public string ConnectionString => ConnectionTo(ServerControl.Name);

    /// <summary>Connects as the owner to a database of this server. Holds the password.</summary>
    /// <param name="database">Its name.</param>
    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = ServerControl.Name,
        Password = _password,
        Database = database,
    }.ConnectionString;

    /// <summary>Starts the server of a folder, or attaches to it when it runs. Several processes may do so at once: one
    /// starts it, the others attach.</summary>
    /// <param name="options">Folder and port.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT4002: PostgreSQL is not installed and cannot be fetched; CGPT4009: the port
    /// is in use; CGPT4011: the folder cannot be written; CGPT4001: the server does not start.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgresOptions options, CancellationToken cancellationToken)
    {
        var requested = Path.GetFullPath(options.DataFolder);
        using var folderLock = await FolderLock.AcquireAsync(requested, cancellationToken);
        var log = options.Log ?? (_ => { });
        var account = await ServerAccount.ChooseAsync(ServerFolder.Find(requested).Data, cancellationToken);
        var folder = await ServerFolder.PrepareAsync(requested, account, log, cancellationToken);

        var running = await WaitUntilReadyAsync(folder, cancellationToken);
        var started = running is null;
        var port = running?.Port ?? await StartServerAsync(options, folder, account, log, cancellationToken);
        log($"PostgreSQL {(started ? "started" : "found running")} on 127.0.0.1:{port}, data in {folder.Root}");
        var password = await folder.PasswordAsync(cancellationToken);
        var server = new EmbeddedPostgres(options, requested, folder, password, port, started);
        await server.EnsureDatabaseAsync(cancellationToken);
        return server;
    }

    /// <summary>Stops the server of a folder, whichever process started it.</summary>
    /// <param name="dataFolder">The folder it was started with.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>False: no server was running there.</returns>
    public static async Task<bool> StopAsync(string dataFolder, CancellationToken cancellationToken = default)
    {
        var requested = Path.GetFullPath(dataFolder);
        if (!Directory.Exists(requested))
        {
            return false;
        }

        using var folderLock = await FolderLock.AcquireAsync(requested, cancellationToken);
        var folder = ServerFolder.Find(requested);
        if (PostmasterFile.FindRunning(folder.Data) is null)
        {
            return false;
        }

        var account = await ServerAccount.ChooseAsync(folder.Data, cancellationToken);
        var binaries = await FindBinariesAsync(folder, _ => { }, cancellationToken);
        await new ServerControl(folder, binaries, account).StopAsync(cancellationToken);
        return true;
    }

    /// <summary>Stops the server; does nothing when it is stopped.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public Task StopAsync(CancellationToken cancellationToken = default) => StopAsync(_requested, cancellationToken);

    /// <summary>Starts the server again on the same port, after stopping it when it runs.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await StartAsync(_options with { Port = Port }, cancellationToken);
    }

    /// <summary>Ends the server's processes with SIGKILL, as a power cut would: for tests of what survives it.</summary>
    /// <param name="cancellationToken">Cancels the waiting for their end.</param>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        while (PostmasterFile.FindRunning(_folder.Data) is { } server)
        {
            ServerProcesses.Kill(server.ProcessId);
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Stops the server when this object started it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (WasStarted)
        {
            await StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> StartServerAsync(
        EmbeddedPostgresOptions options, ServerFolder folder, ServerAccount account, Action<string> log,
        CancellationToken cancellationToken)
    {
        var binaries = await FindBinariesAsync(folder, log, cancellationToken);
        var control = new ServerControl(folder, binaries, account);
        if (!Directory.Exists(folder.Data))
        {
            await control.InitializeAsync(cancellationToken);
        }

        return await control.StartAsync(options.Port, options.MaxConnections, cancellationToken);
    }

    /// <summary>Programs of the data folder's version, or for a new folder the newest ones.</summary>
    private static async Task<PostgresBinaries> FindBinariesAsync(
        ServerFolder folder, Action<string> log, CancellationToken cancellationToken)
    {
        var versionFile = Path.Combine(folder.Data, "PG_VERSION");
        int? major = File.Exists(versionFile)
            ? int.Parse(await File.ReadAllTextAsync(versionFile, cancellationToken), CultureInfo.InvariantCulture)
            : null;
        var binaries = await PostgresBinaries.FindAsync(major, cancellationToken)
            ?? await new PostgresInstaller(PostgresInstaller.DefaultCache, log).InstallAsync(cancellationToken);
        return major is null || binaries.Major == major
            ? binaries
            : throw new ProblemException(
                ErrorCodes.DatabaseNotInstalled,
                $"the folder was made by PostgreSQL {major}, but only version {binaries.Major} was found. Install "
                + $"PostgreSQL {major}, or choose another data folder.",
                file: folder.Root);
    }

    /// <summary>The running server once it takes connections; null when none runs.</summary>
    private static async Task<PostmasterFile?> WaitUntilReadyAsync(ServerFolder folder, CancellationToken cancellationToken)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (PostmasterFile.FindRunning(folder.Data) is { } running)
        {
            if (running.IsReady)
            {
                return running;
            }

            if (TimeProvider.System.GetElapsedTime(begin) > Patience)
            {
                throw new ProblemException(
                    ErrorCodes.DatabaseUnreachable,
                    $"the server that runs on the folder (process {running.ProcessId}) takes no connections. The log says more.",
                    file: folder.LogFile);
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return null;
    }

    private async Task EnsureDatabaseAsync(CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionTo("postgres"));
        await using var exists = source.CreateCommand("SELECT 1 FROM pg_database WHERE datname = $1");
        exists.Parameters.Add(new NpgsqlParameter { Value = ServerControl.Name });
        if (await exists.ExecuteScalarAsync(cancellationToken) is null)
        {
            await using var create = source.CreateCommand($"CREATE DATABASE {ServerControl.Name}");
            await create.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
