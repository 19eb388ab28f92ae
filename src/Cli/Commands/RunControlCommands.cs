using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run pause</c>, <c>resume</c>, <c>stop</c>.</summary>
internal static class RunControlCommands
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(15);

    public static Command Pause(CommandContext context) => Create(
        context, "pause", "Pauses a run after the iteration in progress.", (run, token) => run.PauseAsync(token));

    public static Command Resume(CommandContext context) => Create(
        context, "resume", "Goes on after a pause, or after a failure whose cause is gone.", (run, token) => run.ResumeAsync(token));

    public static Command Stop(CommandContext context) => Create(
        context, "stop", "Ends a run: the iteration in progress is given up, what is committed stays.", StopAsync);

    /// <summary>The loop ends at its next step: the state shown is the one it ends in, unless that takes long.</summary>
    private static async Task<RunSnapshot> StopAsync(RunHandle run, CancellationToken cancellationToken)
    {
        var snapshot = await run.StopAsync(cancellationToken);
        for (var since = Stopwatch.StartNew(); !snapshot.IsTerminal && since.Elapsed < StopPatience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            snapshot = await run.DescribeAsync(cancellationToken);
        }

        return snapshot;
    }

    private static Command Create(
        CommandContext context, string name, string description, Func<RunHandle, CancellationToken, Task<RunSnapshot>> act)
    {
        var id = RunCommands.Id();
        var command = new Command(name, description) { id };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var snapshot = await act(session.Client.GetRun(result.GetValue(id)!), cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(snapshot);
            }
            else
            {
                context.Terminal.Out.WriteLine($"{snapshot.RunId}: {Format.Status(snapshot.Status)}");
            }

            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, $"clinicalgpt run {name} trial-7");
    }
}
