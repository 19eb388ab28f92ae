using System.Diagnostics;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>Ends a server the hard way, as a power cut would.</summary>
internal static class ServerProcesses
{
    public static void Kill(int postmaster)
    {
        // Each server process is the leader of a session of its own, so there is no group to signal.
        int[] children = [.. ChildrenOf(postmaster)];
        foreach (var pid in children.Prepend(postmaster))
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }
    }

    private static IEnumerable<int> ChildrenOf(int parent)
    {
        if (!OperatingSystem.IsLinux())
        {
            yield break; // they notice that their parent is gone, and end
        }

        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && ParentOf(folder) == parent)
            {
                yield return pid;
            }
        }
    }

    private static int? ParentOf(string folder)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' '); // state, parent, ...
            return int.Parse(fields[1], System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it has ended meanwhile
        }
    }
}
