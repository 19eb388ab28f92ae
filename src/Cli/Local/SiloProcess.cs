using System.Diagnostics;
using System.Globalization;
using ClinicalGpt.Orleans.Cli.Home;

namespace ClinicalGpt.Orleans.Cli.Local;

/// <summary>Starts a silo as a process of its own that outlives this one, and waits until it is ready.</summary>
internal sealed class SiloProcess(LocalSilo silo, Process process)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public LocalSilo Silo => silo;

    public static SiloProcess Start(LocalSilo plan, ClusterFile cluster, IReadOnlyList<string> settings)
    {
        File.Delete(plan.Log);
        string[] command = [.. Executable(), "silo", .. Arguments(plan, cluster), .. settings.Select(s => $"--{s}")];

        // The shell redirects to the log and then becomes the silo; setsid keeps a closing terminal from ending it.
        string[] session = File.Exists("/usr/bin/setsid") ? ["/usr/bin/setsid"] : [];
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false };
        foreach (var word in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", plan.Log, .. session, .. command])
        {
            start.ArgumentList.Add(word);
        }

        // Not on the command line, which every user of the machine can read.
        start.Environment["Storage__ConnectionString"] = cluster.ConnectionString;
        start.Environment["DOTNET_NOLOGO"] = "1";
        var process = Process.Start(start)
            ?? throw new ProblemException(ErrorCodes.SettingInvalid, $"{command[0]} cannot be started");
        return new SiloProcess(plan with { Pid = process.Id, StartMark = ProcessIdentity.StartMark(process.Id) ?? 0 }, process);
    }

    /// <summary>Waits for the silo's health endpoint.</summary>
    /// <exception cref="ProblemException">CGPT4010: it ended, or is not ready within <paramref name="patience"/>.</exception>
    public async Task WaitReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        var address = new Uri($"http://127.0.0.1:{silo.HttpPort.ToString(CultureInfo.InvariantCulture)}/health/ready");
        while (!await IsReadyAsync(address, cancellationToken))
        {
            if (process.HasExited)
            {
                throw NotReady($"ended with exit code {process.ExitCode}");
            }

            if (since.Elapsed > patience)
            {
                throw NotReady($"is not ready after {patience.TotalSeconds:0} s");
            }

            await Task.Delay(Poll, cancellationToken);
        }
    }

    private static async Task<bool> IsReadyAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await Http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    // What the silo itself found wrong is said here; a code in a line of its log is ours.
    private ProblemException NotReady(string what)
    {
        var said = File.Exists(silo.Log)
            ? File.ReadLines(silo.Log).Where(l => l.Contains(": CGPT", StringComparison.Ordinal) || l.StartsWith("CGPT", StringComparison.Ordinal))
                .TakeLast(5).ToArray()
            : [];
        var reason = said.Length > 0 ? $": {string.Join(" | ", said).TrimEnd('.')}" : "";
        return new ProblemException(ErrorCodes.ClusterUnreachable, $"{silo.Name} {what}{reason}. Its log is {silo.Log}");
    }

    private static string[] Arguments(LocalSilo silo, ClusterFile cluster) =>
    [
        $"--Silo:Name={silo.Name}",
        $"--Silo:ClusterId={cluster.ClusterId}",
        $"--Silo:ServiceId={cluster.ServiceId}",
        Invariant($"--Silo:SiloPort={silo.SiloPort}"),
        Invariant($"--Silo:GatewayPort={silo.GatewayPort}"),
        Invariant($"--Silo:HttpPort={silo.HttpPort}"),
        $"--Silo:Roles={string.Join(',', silo.Roles)}",
    ];

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // This program's own executable, also where a test host or `dotnet clinicalgpt.dll` runs it.
    private static string[] Executable()
    {
        var native = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "clinicalgpt.exe" : "clinicalgpt");
        return File.Exists(native) ? [native] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "clinicalgpt.dll")];
    }
}
