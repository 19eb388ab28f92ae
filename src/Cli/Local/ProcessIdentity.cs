using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ClinicalGpt.Orleans.Cli.Local;

/// <summary>Process ids are used again; together with the start time they name one process.</summary>
internal static class ProcessIdentity
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    /// <summary>When a process started, in a unit only this machine knows; null when there is no such process, or only its remains.</summary>
    public static long? StartMark(int pid) => OperatingSystem.IsLinux() ? LinuxStartMark(pid) : PortableStartMark(pid);

    /// <summary>Asks a process to stop.</summary>
    public static void Terminate(int pid) => Signal(pid, Sigterm);

    /// <summary>Ends a process at once.</summary>
    public static void Kill(int pid) => Signal(pid, Sigkill);

    private static void Signal(int pid, int signal)
    {
        // A process that ended meanwhile is what was wanted.
        if (!OperatingSystem.IsWindows())
        {
            _ = SendSignal(pid, signal);
            return;
        }

        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            Trace.TraceInformation($"process {pid} has ended: {e.Message}");
        }
    }

    private static long? LinuxStartMark(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
        }
        catch (IOException)
        {
            return null;
        }

        // pid (name) state ppid ... starttime: the name may hold spaces, so count from its closing bracket.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    private static long? PortableStartMark(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : new DateTimeOffset(process.StartTime).ToUnixTimeSeconds();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int pid, int signal);
}
