using ClinicalGpt.Orleans.Cli.Local;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run check</c>.</summary>
internal static class RunCheckCommand
{
    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var command = new Command(
            "check", "Checks a run's stored history: every hash recomputed, every prompt accounted for, the resume point complete. Exit code 1 when something is wrong.")
        {
            id,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var passed = true;
            await foreach (var line in session.Client.GetRun(result.GetValue(id)!).CheckAsync(cancellationToken))
            {
                passed &= line.Passed;
                if (context.IsJson(result))
                {
                    context.Terminal.WriteJson(line);
                }
                else
                {
                    context.Terminal.Out.WriteLine($"{(line.Passed ? "ok    " : "WRONG ")} {line.Name}: {line.Detail}");
                }
            }

            return passed ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt run check trial-7");
    }
}
