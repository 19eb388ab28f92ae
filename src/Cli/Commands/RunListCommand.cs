using System.Globalization;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run list</c>.</summary>
internal static class RunListCommand
{
    public static Command Create(CommandContext context)
    {
        var limit = new Option<int>("--limit") { Description = "Most runs, 1 to 1000.", DefaultValueFactory = _ => 20, HelpName = "n" };
        limit.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                r.AddError("--limit must be 1 to 1000.");
            }
        });
        var command = new Command("list", "Runs, newest first.") { limit };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var runs = await session.Client.ListRunsAsync(result.GetValue(limit), cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(runs);
                return ExitCodes.Ok;
            }

            var now = TimeProvider.System.GetUtcNow();
            var table = Tables.Create("id", "name", "status", "stage", "iteration", "created", "changed");
            foreach (var run in runs)
            {
                table.Line(
                    run.RunId, run.Name, Format.Status(run.Status), run.Stage, run.Iteration.ToString(CultureInfo.InvariantCulture),
                    Format.Ago(run.CreatedAt, now), Format.Ago(run.UpdatedAt, now));
            }

            context.Terminal.Write(table);
            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt run list", "clinicalgpt run list --limit 100 -o json");
    }
}
