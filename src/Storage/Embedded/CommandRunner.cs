using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>What a program said and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output)
{
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs programs to their end and collects what they say.</summary>
internal static class CommandRunner
{
    /// <summary>Exit status when the program does not exist, as in a shell.</summary>
    public const int NotFound = 127;

    public static async Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder ?? "/",
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("PG", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name); // PGDATA, PGPORT, ... of the caller are about other servers
        }

        start.Environment["LC_ALL"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            return new CommandResult(NotFound, $"{command[0]}: {e.Message}");
        }

        using (process)
        {
            return await CollectAsync(process, cancellationToken);
        }
    }

    private static async Task<CommandResult> CollectAsync(Process process, CancellationToken cancellationToken)
    {
        process.StandardInput.Close();
        var output = new StringBuilder();
        try
        {
            await Task.WhenAll(
                CopyAsync(process.StandardOutput, output, cancellationToken),
                CopyAsync(process.StandardError, output, cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return new CommandResult(process.ExitCode, output.ToString().Trim());
    }

    private static async Task CopyAsync(StreamReader from, StringBuilder to, CancellationToken cancellationToken)
    {
        while (await from.ReadLineAsync(cancellationToken) is { } line)
        {
            lock (to)
            {
                to.AppendLine(line);
            }
        }
    }
}
