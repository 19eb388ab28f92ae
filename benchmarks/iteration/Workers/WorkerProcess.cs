using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>A worker in a process of its own, seen from the program that measures.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;

    private WorkerProcess(Process process, string name) => (_process, Name) = (process, name);

    public string Name { get; }

    /// <summary>Starts a worker and waits until it is ready.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="roles">Roles of a silo, or <see cref="WorkerCommand.Direct"/>.</param>
    /// <param name="cluster">Cluster and service id.</param>
    /// <param name="connectionString">The database; handed over in the environment.</param>
    public static async Task<WorkerProcess> StartAsync(string name, string roles, string cluster, string connectionString)
    {
        var self = Environment.ProcessPath!;
        string[] arguments = [WorkerCommand.Name, "--name", name, "--roles", roles, "--cluster", cluster];
        var start = new ProcessStartInfo(
            self, Path.GetFileNameWithoutExtension(self) == "dotnet" ? [typeof(WorkerProcess).Assembly.Location, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment[WorkerCommand.ConnectionVariable] = connectionString;
        var worker = new WorkerProcess(Process.Start(start)!, name);
        var first = await worker._process.StandardOutput.ReadLineAsync();
        return first == "ready" ? worker : throw Broken(name, first);
    }

    /// <summary>Has a prepared run carried through.</summary>
    /// <param name="runId">The run.</param>
    /// <returns>Hash of the final policy.</returns>
    public Task<string> RunAsync(string runId) => AskAsync($"run {runId}");

    /// <summary>Has a command answered.</summary>
    /// <param name="line">The command.</param>
    /// <exception cref="ProblemException">The worker could not do it, or ended.</exception>
    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        var answer = await _process.StandardOutput.ReadLineAsync();
        return answer is not null && !answer.StartsWith('!') ? answer : throw Broken(Name, answer);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static ProblemException Broken(string name, string? answer) =>
        new(ErrorCodes.RunStateConflict, $"the measured process {name} {(answer is null ? "ended; its log stands above" : "reports " + answer.TrimStart('!', ' '))}");
}
