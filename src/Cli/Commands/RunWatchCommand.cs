using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Watch;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run watch</c>.</summary>
internal static class RunWatchCommand
{
    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var command = new Command("watch", "Shows a run until its end; exit code 1 if it fails. Ctrl-C stops watching, never the run.") { id };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            return await WatchAsync(context, result, session.Client.GetRun(result.GetValue(id)!), cancellationToken);
        });
        return HelpWithExamples.Attach(command, "clinicalgpt run watch trial-7", "clinicalgpt run watch trial-7 -o json | jq .metrics");
    }

    public static async Task<int> WatchAsync(
        CommandContext context, ParseResult result, RunHandle run, CancellationToken cancellationToken)
    {
        try
        {
            var end = await RunDisplay.ShowAsync(new HandleSource(run), context.Terminal, context.IsJson(result), cancellationToken);
            return CodeOf(end);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Terminal.Error.WriteLine();
            context.Terminal.Error.WriteLine($"detached; the run goes on. Come back with: clinicalgpt run watch {run.RunId}");
            return ExitCodes.Interrupted;
        }
    }

    /// <summary>The exit code of a run's end.</summary>
    public static int CodeOf(RunSnapshot end) => end.Status == RunStatus.Completed ? ExitCodes.Ok : ExitCodes.Failed;
}
