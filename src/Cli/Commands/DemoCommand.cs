using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cli.Demo;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Report;
using ClinicalGpt.Orleans.Cli.Watch;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>demo</c>: the whole pipeline in one process, with a report of what it changed.</summary>
internal static class DemoCommand
{
    private const int AnswersShown = 8;

    public static Command Create(CommandContext context)
    {
        var seed = new Option<long?>("--seed") { Description = "Another seed than the recipe's.", HelpName = "n" };
        var file = new Option<string?>("--recipe") { Description = "Another recipe than recipes/quickstart.yaml.", HelpName = "file" };
        var sets = RecipeCommand.Sets();
        var fresh = new Option<bool>("--fresh") { Description = "Start anew where an earlier demo was not finished." };
        var keep = new Option<bool>("--keep") { Description = "Keep the cluster up after the report, until Ctrl-C." };
        var command = new Command("demo", "Runs SFT, reward model, PPO and evaluation on a tiny model in this process, and shows what changed.")
        {
            seed, file, sets, fresh, keep,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var overrides = (result.GetValue(sets) ?? []).Concat(result.GetValue(seed) is { } s ? [FormattableString.Invariant($"seed={s}")] : []);
            var path = result.GetValue(file) ?? RecipeFinder.Find(Environment.CurrentDirectory);
            var recipe = RecipeReader.ReadFile(path, [.. overrides]);
            if (ClusterFile.Load(context.Home) is { } up && up.Silos.Any(silo => silo.IsAlive()))
            {
                context.Terminal.Error.WriteLine("using the cluster that is running");
                await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
                return await RunAsync(context, result, session.Client, recipe, result.GetValue(fresh), cancellationToken);
            }

            await using var cluster = await DemoCluster.StartAsync(
                context.Home, context.RequestedConnection(result), context.Terminal.Error, cancellationToken);
            var code = await RunAsync(context, result, cluster.Client, recipe, result.GetValue(fresh), cancellationToken);
            if (result.GetValue(keep) && !cancellationToken.IsCancellationRequested)
            {
                await KeepAsync(context, cancellationToken);
            }

            return code;
        });
        return HelpWithExamples.Attach(
            command, "clinicalgpt demo", "clinicalgpt demo --seed 2 --fresh", "clinicalgpt demo --recipe my.yaml --set ppo.iterations=10 --keep");
    }

    private static async Task<int> RunAsync(
        CommandContext context, ParseResult result, ClinicalGptClient client, Recipe recipe, bool fresh, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        var runs = await client.ListRunsAsync(1000, cancellationToken);
        var (id, continues) = DemoRunId.Choose(runs, RecipeJson.Hash(RecipeJson.Write(recipe)), fresh);
        terminal.Error.WriteLine(continues ? $"going on with {id}, which was not finished (--fresh starts anew)" : $"run {id}");
        var run = await client.StartRunAsync(recipe, id, cancellationToken);
        if (continues && (await run.DescribeAsync(cancellationToken)).Status is RunStatus.Paused or RunStatus.Failed)
        {
            await run.ResumeAsync(cancellationToken);
        }

        RunSnapshot end;
        try
        {
            end = await RunDisplay.ShowAsync(new HandleSource(run), terminal, context.IsJson(result), cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Error.WriteLine();
            terminal.Error.WriteLine("interrupted; what is committed stays. `clinicalgpt demo` goes on from there");
            return ExitCodes.Interrupted;
        }

        if (end.Status != RunStatus.Completed)
        {
            terminal.WriteProblems(end.Reason is { } reason ? [reason] : []);
            return ExitCodes.Failed;
        }

        await ReportAsync(context, result, run, cancellationToken);
        SuggestNext(terminal.Error, id);
        return ExitCodes.Ok;
    }

    private static async Task ReportAsync(CommandContext context, ParseResult result, RunHandle run, CancellationToken cancellationToken)
    {
        var report = BeforeAfterReport.Build(
            await run.GetEvaluationsAsync(cancellationToken), await run.GetIterationsAsync(StageNames.Ppo, cancellationToken: cancellationToken));
        if (context.IsJson(result))
        {
            context.Terminal.WriteJson(report);
        }
        else
        {
            ReportView.Write(context.Terminal, report, AnswersShown);
        }
    }

    private static void SuggestNext(TextWriter messages, string id)
    {
        messages.WriteLine();
        messages.WriteLine("Next: clinicalgpt up                                    a cluster that stays, with this run in it");
        messages.WriteLine($"      clinicalgpt run samples {id}        what PPO wrote, with rewards");
        messages.WriteLine($"      clinicalgpt run export {id} --out model");
        messages.WriteLine("      clinicalgpt run submit recipes/quickstart.yaml --set ppo.klCoef=0.2 --watch");
    }

    private static async Task KeepAsync(CommandContext context, CancellationToken cancellationToken)
    {
        context.Terminal.Error.WriteLine();
        context.Terminal.Error.WriteLine("the cluster stays up; the commands above work from another terminal. Ctrl-C stops it");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            context.Terminal.Error.WriteLine("stopping");
        }
    }
}
