using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run submit</c>.</summary>
internal static class RunSubmitCommand
{
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("recipe") { Description = "The recipe, YAML." };
        var id = new Option<string?>("--id") { Description = "The run's id; the same id with the same recipe again starts nothing new. Default: made up.", HelpName = "id" };
        var sets = RecipeCommand.Sets();
        var watch = new Option<bool>("--watch") { Description = "Then watch it; exit code 1 if it fails." };
        var wait = new Option<bool>("--wait") { Description = "Then wait for its end in silence; exit code 1 if it fails." };
        var command = new Command("submit", "Starts a run; it goes on without this program.") { file, id, sets, watch, wait };
        command.SetAction(async (result, cancellationToken) =>
        {
            // Read before connecting: a mistake in the recipe needs no cluster to be seen.
            var recipe = RecipeReader.ReadFile(result.GetValue(file)!, result.GetValue(sets));
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var run = await session.Client.StartRunAsync(recipe, result.GetValue(id), cancellationToken);
            Announce(context, result, run);
            if (result.GetValue(watch))
            {
                return await RunWatchCommand.WatchAsync(context, result, run, cancellationToken);
            }

            return result.GetValue(wait) ? await WaitAsync(context, run, cancellationToken) : ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(
            command,
            "clinicalgpt run submit recipes/quickstart.yaml --watch",
            "clinicalgpt run submit my.yaml --id trial-7 --set ppo.klCoef=0.1 --set seed=2",
            "clinicalgpt run submit my.yaml --wait -o json");
    }

    private static void Announce(CommandContext context, ParseResult result, RunHandle run)
    {
        if (context.IsJson(result))
        {
            context.Terminal.WriteJson(new { run.RunId });
        }
        else
        {
            context.Terminal.Out.WriteLine(run.RunId);
        }

        var messages = context.Terminal.Error;
        messages.WriteLine($"watch:   clinicalgpt run watch {run.RunId}");
        messages.WriteLine($"samples: clinicalgpt run samples {run.RunId}");
        messages.WriteLine($"stop:    clinicalgpt run stop {run.RunId}");
    }

    private static async Task<int> WaitAsync(CommandContext context, RunHandle run, CancellationToken cancellationToken)
    {
        var end = await run.WaitAsync(cancellationToken);
        if (end.Reason is { } reason)
        {
            context.Terminal.WriteProblems([reason]);
        }

        return RunWatchCommand.CodeOf(end);
    }
}
