using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>initdb and pg_ctl on one folder.</summary>
internal sealed class ServerControl(ServerFolder folder, PostgresBinaries binaries, ServerAccount account)
{
    /// <summary>The superuser initdb makes, and the database.</summary>
    public const string Name = "clinicalgpt";

    private const int StartSeconds = 180; // crash recovery included
    private const int StopSeconds = 60;
    private const int Tries = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Makes the data folder, whole or not at all.</summary>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        var unfinished = folder.Data + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await folder.PasswordAsync(cancellationToken);
        await account.OwnAsync(folder.Root, cancellationToken);
        var result = await RunAsync(
            cancellationToken, "initdb", "-D", unfinished, "-U", Name, "--auth=scram-sha-256",
            $"--pwfile={folder.PasswordFile}", "--encoding=UTF8", "--no-locale", "--data-checksums");
        if (!result.Succeeded)
        {
            throw Failed("cannot be set up", result.Output);
        }

        Directory.Move(unfinished, folder.Data);
    }

    /// <summary>Starts the server detached from this process and its terminal; returns its port.</summary>
    public async Task<int> StartAsync(int requestedPort, int maxConnections, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            File.Delete(PostmasterFile.PathIn(folder.Data)); // the caller has checked that no server runs here
            var port = requestedPort == 0 ? FreePort() : requestedPort;
            var logged = LogLength();
            var result = await RunAsync(
                cancellationToken, "pg_ctl", "start", "-D", folder.Data, "-l", folder.LogFile, "-w", "-t",
                StartSeconds.ToString(CultureInfo.InvariantCulture), "-o", Settings(port, maxConnections));
            if (result.Succeeded)
            {
                return port;
            }

            var said = LogSince(logged);
            var taken = said.Contains("Address already in use", StringComparison.Ordinal);
            if (taken && requestedPort != 0)
            {
                throw new ProblemException(
                    ErrorCodes.PortInUse,
                    $"port {requestedPort} on 127.0.0.1 is in use. Free it, or choose another one (0: any free port).",
                    key: "Port");
            }

            // Processes of a server that was killed hold its shared memory for a moment longer.
            if (attempt == Tries || !(taken || said.Contains("shared memory block", StringComparison.Ordinal)))
            {
                throw Failed("does not start", said.Length > 0 ? said : result.Output);
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Stops the server: open transactions are rolled back, connections closed.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            cancellationToken, "pg_ctl", "stop", "-D", folder.Data, "-m", "fast", "-w", "-t",
            StopSeconds.ToString(CultureInfo.InvariantCulture));
        if (!result.Succeeded && PostmasterFile.FindRunning(folder.Data) is not null)
        {
            throw Failed("does not stop", result.Output);
        }
    }

    /// <summary>No socket files, loopback only; no row contents in the log (terse); no shared memory for parallel plans,
    /// which containers have little of; a time zone that needs no files.</summary>
    private static string Settings(int port, int maxConnections) => string.Join(
        " -c ",
        $"-p {port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        $"max_connections={maxConnections}",
        "fsync=on",
        "log_error_verbosity=terse",
        "max_parallel_workers_per_gather=0",
        "timezone=GMT",
        "log_timezone=GMT");

    private Task<CommandResult> RunAsync(CancellationToken token, string program, params string[] arguments) =>
        account.RunAsync([binaries.Program(program), .. arguments], token, folder.Root, binaries.Environment);

    private long LogLength() => File.Exists(folder.LogFile) ? new FileInfo(folder.LogFile).Length : 0;

    private string LogSince(long position)
    {
        if (!File.Exists(folder.LogFile))
        {
            return "";
        }

        using var stream = new FileStream(folder.LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = position;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Trim();
    }

    private ProblemException Failed(string what, string said) => new(
        ErrorCodes.DatabaseUnreachable,
        $"the private PostgreSQL server {what}: {string.Join(" | ", said.Split('\n')[^Math.Min(3, said.Split('\n').Length)..])}. "
        + "The log says more.",
        file: folder.LogFile);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
