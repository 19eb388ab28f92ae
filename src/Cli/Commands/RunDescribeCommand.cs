using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;
using ClinicalGpt.Orleans.Cli.Watch;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run describe</c>: state, committed iterations by stage, evaluations, events.</summary>
internal static class RunDescribeCommand
{
    private const int EventsShown = 20;

    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var command = new Command("describe", "State, iterations by stage, evaluations and what happened.") { id };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var run = session.Client.GetRun(result.GetValue(id)!);
            var snapshot = await run.DescribeAsync(cancellationToken);
            var iterations = await run.GetIterationsAsync(cancellationToken: cancellationToken);
            var evaluations = await run.GetEvaluationsAsync(cancellationToken);
            var events = await run.GetEventsAsync(cancellationToken);
            if (context.IsJson(result))
            {
                var recipe = await run.GetRecipeAsync(cancellationToken);
                context.Terminal.WriteJson(new
                {
                    Snapshot = snapshot,
                    Recipe = recipe,
                    Iterations = iterations,
                    Evaluations = evaluations.Select(e => new { e.Name, e.Cases, e.Values, e.Intervals }),
                    Events = events,
                });
                return ExitCodes.Ok;
            }

            Show(context.Terminal, snapshot, iterations, evaluations, events);
            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt run describe trial-7", "clinicalgpt run describe trial-7 -o json");
    }

    private static void Show(
        Terminal terminal, RunSnapshot run, IReadOnlyList<IterationView> iterations,
        IReadOnlyList<EvaluationResult> evaluations, IReadOnlyList<RunEvent> events)
    {
        terminal.Write(WatchView.Render(new WatchState(run, [.. iterations.Where(i => i.Stage == run.Stage)])));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"recipe {run.Name}, hash {run.RecipeHash}");
        if (run.FinalHash is { } hash)
        {
            terminal.Out.WriteLine($"final policy {hash}");
        }

        var stages = Tables.Create("stage", "commits", "repeated", "first commit", "last commit", "last metrics");
        foreach (var stage in iterations.GroupBy(i => i.Stage))
        {
            var last = stage.Last();
            stages.Line(
                stage.Key,
                stage.Count().ToString(CultureInfo.InvariantCulture),
                stage.Count(i => i.Attempts > 1).ToString(CultureInfo.InvariantCulture),
                Time(stage.First().CommittedAt),
                Time(last.CommittedAt),
                string.Join(", ", StageMetrics.Of(stage.Key)
                    .Where(m => last.Metrics.ContainsKey(m.Metric))
                    .Select(m => $"{m.Label} {Format.Number(last.Metrics[m.Metric])}")));
        }

        terminal.Write(stages);
        if (evaluations.Count > 0)
        {
            var table = Tables.Create("evaluation", "cases", "figures");
            foreach (var e in evaluations)
            {
                table.Line(
                    e.Name,
                    e.Cases.ToString(CultureInfo.InvariantCulture),
                    string.Join(", ", e.Values.Select(v => $"{v.Key} {Format.Number(v.Value)}")));
            }

            terminal.Write(table);
        }

        var happened = Tables.Create("when (UTC)", "what", "particulars");
        foreach (var e in events.TakeLast(EventsShown))
        {
            happened.Line(Time(e.At), e.Kind, e.Detail);
        }

        terminal.Write(happened);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
