using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>The live view of a run: stages, progress of the present one, its metrics with their curves.</summary>
internal static class WatchView
{
    private const int BarWidth = 40;
    private const int CurveWidth = 40;

    public static IRenderable Render(WatchState state)
    {
        var run = state.Snapshot;
        var rows = new List<IRenderable>
        {
            new Text($"{run.RunId}  {Format.Status(run.Status)}", new Style(decoration: Decoration.Bold)),
            Stages(run),
        };
        if (run.TotalIterations > 0)
        {
            rows.Add(new Text(Progress(run)));
        }

        rows.Add(new Text(Phase(run)));
        if (run.Reason is { } reason)
        {
            rows.Add(new Text(reason.ToString(), new Style(Color.Yellow)));
        }

        var metrics = StageMetrics.Of(run.Stage).Where(m => run.Metrics.ContainsKey(m.Metric)).ToArray();
        if (metrics.Length > 0)
        {
            rows.Add(Metrics(state, metrics));
        }

        return new Rows(rows);
    }

    /// <summary>The bar with counts and time left, for example <c>[####----] 12/40, 75 s left</c>.</summary>
    internal static string Progress(RunSnapshot run)
    {
        var done = Math.Clamp(run.Iteration, 0, run.TotalIterations);
        var full = BarWidth * done / run.TotalIterations;
        var left = run is { StageSecondsLeft: { } s, Iteration: > 0 } ? $", {Format.Duration(TimeSpan.FromSeconds(s))} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture, $"[{new string('#', full)}{new string('-', BarWidth - full)}] {done}/{run.TotalIterations}{left}");
    }

    private static string Phase(RunSnapshot run)
    {
        var where = run.Silo.Length > 0 ? $" on {run.Silo}" : "";
        var takenUp = run.Epoch > 1 ? string.Create(CultureInfo.InvariantCulture, $", taken up {run.Epoch} times") : "";
        return run.IsTerminal || run.Phase.Length == 0
            ? ""
            : $"{run.Phase} since {run.PhaseSince.UtcDateTime:HH:mm:ss} UTC{where}{takenUp}";
    }

    private static Columns Stages(RunSnapshot run)
    {
        var at = run.Status == RunStatus.Completed ? run.Stages.Length : Array.IndexOf(run.Stages, run.Stage);
        return new Columns(run.Stages.Select((stage, i) => (IRenderable)new Text(
            i < at ? $"✓ {stage}" : i == at ? $"▶ {stage}" : $"· {stage}",
            new Style(i < at ? Color.Green : i == at ? Color.Default : Color.Grey)))) { Expand = false };
    }

    private static Table Metrics(WatchState state, (string Label, string Metric)[] metrics)
    {
        var table = Tables.Create("metric", "now", "over the stage");
        foreach (var (label, metric) in metrics)
        {
            table.Line(
                label, Format.Number(state.Snapshot.Metrics[metric]), Sparkline.Draw(state.Series(metric), CurveWidth));
        }

        return table;
    }
}
