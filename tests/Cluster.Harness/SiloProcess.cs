using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>A silo as a real process: the program that is deployed, configured through its environment. The same name,
/// ports and log serve every process that is started for it.</summary>
public sealed class SiloProcess(
    string name, string roles, string connectionString, string folder, IReadOnlyDictionary<string, string> environment) : IAsyncDisposable
{
    /// <summary>Says when tensor work begins, which recovery is measured by. As an argument: a shell drops variables with dots.</summary>
    private const string TellDeviceJobs = "--Logging:LogLevel:ClinicalGpt.Orleans.Grains.Devices.DeviceExecutor=Debug";

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(3) };

    private readonly int _siloPort = FreePort();
    private readonly int _gatewayPort = FreePort();
    private readonly int _httpPort = FreePort();
    private readonly string _log = Path.Combine(folder, $"{name}.log");
    private Process? _process;

    public string Name => name;

    /// <summary>Its process id, while it runs or after it has ended.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>How its process ended.</summary>
    public int ExitCode => _process!.ExitCode;

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Lines the silo has logged so far, over all its lives.</summary>
    public string[] LogLines()
    {
        if (!File.Exists(_log))
        {
            return [];
        }

        using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public string LogTail() =>
        $"{name}:\n{string.Join('\n', LogLines().Where(l => !l.Contains("Device job", StringComparison.Ordinal)).TakeLast(20).Select(l => l.Length > 300 ? l[..300] : l))}";

    public void Start()
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{name} runs already");
        }

        // The shell redirects to the log and then becomes the silo, so the process id is the silo's.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = folder };
        foreach (var word in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", _log, .. Executable(), TellDeviceJobs])
        {
            start.ArgumentList.Add(word);
        }

        start.Environment["Silo__Name"] = name;
        start.Environment["Silo__Roles"] = roles;
        start.Environment["Silo__Clustering"] = "adonet";
        start.Environment["Silo__SiloPort"] = Text(_siloPort);
        start.Environment["Silo__GatewayPort"] = Text(_gatewayPort);
        start.Environment["Silo__HttpPort"] = Text(_httpPort);
        start.Environment["Storage__ConnectionString"] = connectionString;
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        _process?.Dispose();
        _process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh cannot be started");
    }

    /// <summary>Waits until the silo is an active member that reaches the database.</summary>
    public async Task WaitReadyAsync()
    {
        var since = Stopwatch.StartNew();
        var address = new Uri($"http://127.0.0.1:{Text(_httpPort)}/health/ready");
        while (!await IsReadyAsync(address))
        {
            ClusterException.Require(!_process!.HasExited, () => $"{name} ended with exit code {_process.ExitCode} before it was ready. {LogTail()}");
            ClusterException.Require(since.Elapsed < ReadyWithin, () => $"{name} is not ready after {ReadyWithin.TotalSeconds} s. {LogTail()}");
            await Task.Delay(Poll);
        }
    }

    public Task StartAndWaitAsync()
    {
        Start();
        return WaitReadyAsync();
    }

    /// <summary>SIGKILL, and waits for the end of the process.</summary>
    public Task KillAsync() => EndAsync(Signal.Kill);

    /// <summary>SIGTERM, and waits until the silo has left the cluster and ended.</summary>
    public Task StopAsync() => EndAsync(Signal.Terminate);

    public void Freeze() => Signals.Send(_process!.Id, Signal.Stop);

    public void Thaw() => Signals.Send(_process!.Id, Signal.Continue);

    /// <summary>Waits until the process has ended by itself.</summary>
    public async Task WaitEndAsync()
    {
        using var deadline = new CancellationTokenSource(EndsWithin);
        try
        {
            await _process!.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new ClusterException($"{name} has not ended within {EndsWithin.TotalSeconds} s. {LogTail()}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            await KillAsync();
        }

        _process?.Dispose();
    }

    private async Task EndAsync(Signal signal)
    {
        Signals.Send(_process!.Id, signal);
        await WaitEndAsync();
    }

    private static async Task<bool> IsReadyAsync(Uri address)
    {
        try
        {
            using var answer = await Http.GetAsync(address);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private static string[] Executable()
    {
        var native = Path.Combine(AppContext.BaseDirectory, "ClinicalGpt.Orleans.Silo");
        return File.Exists(native) ? [native] : ["dotnet", native + ".dll"];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
