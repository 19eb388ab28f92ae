using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;
using ClinicalGpt.Orleans.Cli.Watch;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run describe</c>: state, committed iterations by stage, evaluations, events.</summary>
internal static class RunDescribeCommand
{
    private const int EventsShown = 20;
    private static readonly TimeSpan HistoryPatience = TimeSpan.FromSeconds(8);

    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var command = new Command("describe", "State, iterations by stage, evaluations and what happened.") { id };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var run = session.Client.GetRun(result.GetValue(id)!);
            var snapshot = await run.DescribeAsync(cancellationToken);
            var history = snapshot.Reason?.Code == ErrorCodes.DatabaseUnreachable ? null : await TryReadAsync(run, cancellationToken);
            if (history is null)
            {
                // Meanwhile the run may have noticed as well what is the matter.
                snapshot = await run.DescribeAsync(cancellationToken);
                context.Terminal.Error.WriteLine("the history is in the database, which does not answer now; this is what the run itself knows");
            }

            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(new
                {
                    Snapshot = snapshot,
                    history?.Recipe,
                    history?.Iterations,
                    Evaluations = history?.Evaluations.Select(e => new { e.Name, e.Cases, e.Values, e.Intervals }),
                    history?.Events,
                });
                return ExitCodes.Ok;
            }

            Show(context.Terminal, snapshot, history);
            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt run describe trial-7", "clinicalgpt run describe trial-7 -o json");
    }

    /// <summary>What is committed; null: it cannot be read within the patience.</summary>
    private static async Task<History?> TryReadAsync(RunHandle run, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HistoryPatience);
        try
        {
            return new History(
                await run.GetRecipeAsync(patience.Token),
                await run.GetIterationsAsync(cancellationToken: patience.Token),
                await run.GetEvaluationsAsync(patience.Token),
                await run.GetEventsAsync(patience.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private static void Show(Terminal terminal, RunSnapshot run, History? history)
    {
        terminal.Write(WatchView.Render(new WatchState(run, [.. history?.Iterations.Where(i => i.Stage == run.Stage) ?? []])));
        terminal.Out.WriteLine();
        terminal.Out.WriteLine($"recipe {run.Name}, hash {run.RecipeHash}");
        if (run.FinalHash is { } hash)
        {
            terminal.Out.WriteLine($"final policy {hash}");
        }

        if (history is not null)
        {
            Show(terminal, history);
        }
    }

    private static void Show(Terminal terminal, History history)
    {
        var stages = Tables.Create("stage", "commits", "repeated", "first commit", "last commit", "last metrics");
        foreach (var stage in history.Iterations.GroupBy(i => i.Stage))
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
        if (history.Evaluations.Count > 0)
        {
            var table = Tables.Create("evaluation", "cases", "figures");
            foreach (var e in history.Evaluations)
            {
                table.Line(
                    e.Name,
                    e.Cases.ToString(CultureInfo.InvariantCulture),
                    string.Join(", ", e.Values.Select(v => $"{v.Key} {Format.Number(v.Value)}")));
            }

            terminal.Write(table);
        }

        var happened = Tables.Create("when (UTC)", "what", "particulars");
        foreach (var e in history.Events.TakeLast(EventsShown))
        {
            happened.Line(Time(e.At), e.Kind, e.Detail);
        }

        terminal.Write(happened);
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private sealed record History(
        Recipe Recipe, IReadOnlyList<IterationView> Iterations, IReadOnlyList<EvaluationResult> Evaluations, IReadOnlyList<RunEvent> Events);
}
