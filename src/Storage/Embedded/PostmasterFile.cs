using System.Diagnostics;
using System.Globalization;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>What a server says of itself in <c>postmaster.pid</c>.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsReady">Whether it takes connections.</param>
internal sealed record PostmasterFile(int ProcessId, int Port, bool IsReady)
{
    private const int PidLine = 0;
    private const int PortLine = 3;
    private const int StatusLine = 7;

    public static string PathIn(string data) => Path.Combine(data, "postmaster.pid");

    /// <summary>The server that runs on a data folder; null when there is none, whatever a crash left behind.</summary>
    public static PostmasterFile? FindRunning(string data)
    {
        var text = TryRead(PathIn(data));
        var lines = text?.Split('\n') ?? [];
        return lines.Length > PortLine
            && int.TryParse(lines[PidLine], NumberStyles.Integer, CultureInfo.InvariantCulture, out var pid)
            && int.TryParse(lines[PortLine], NumberStyles.Integer, CultureInfo.InvariantCulture, out var port)
            && IsServer(pid, text!)
            ? new PostmasterFile(pid, port, lines.Length > StatusLine && lines[StatusLine].Trim() == "ready")
            : null;
    }

    /// <summary>Whether the process runs, is a PostgreSQL server, and is the one that wrote the file.</summary>
    private static bool IsServer(int pid, string file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return TryName(pid)?.StartsWith("postgres", StringComparison.Ordinal) == true;
        }

        // "pid (name) state ...": a killed server nobody has waited for stays as a zombie, with its pid taken.
        var stat = TryRead($"/proc/{pid}/stat");
        if (stat is null || !stat.Contains("(postgres)", StringComparison.Ordinal)
            || stat[stat.LastIndexOf(')')..].AsSpan(2, 1) is "Z" or "X")
        {
            return false;
        }

        // A server works in its data folder. Without the right to look there, the name must do.
        return TryRead($"/proc/{pid}/cwd/postmaster.pid") is not { } other
            || other.Split('\n')[..2].SequenceEqual(file.Split('\n')[..2]);
    }

    private static string? TryName(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.ProcessName;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return null; // it has ended
        }
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // absent, or not ours to read
        }
    }
}
