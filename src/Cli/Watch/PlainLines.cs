using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>A run as lines for logs and pipes: one for each change of status, stage, iteration or reason.</summary>
internal sealed class PlainLines
{
    private (RunStatus, string, int, string?)? _last;

    /// <summary>The line for a state, or null when nothing changed that a line would show.</summary>
    public string? Next(WatchState state)
    {
        var run = state.Snapshot;
        var now = (run.Status, run.Stage, run.Iteration, run.Reason?.ToString());
        if (_last == now)
        {
            return null;
        }

        _last = now;
        var parts = new List<string> { $"{run.UpdatedAt.UtcDateTime:HH:mm:ss}", Format.Status(run.Status) };
        if (run.Stage.Length > 0 && !run.IsTerminal)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{run.Stage} {run.Iteration}/{run.TotalIterations}"));
            parts.AddRange(StageMetrics.Of(run.Stage)
                .Where(m => run.Metrics.ContainsKey(m.Metric))
                .Select(m => $"{m.Label} {Format.Number(run.Metrics[m.Metric])}"));
        }

        if (run is { StageSecondsLeft: { } left, IsTerminal: false, Iteration: > 0 }) // before, it is the last stage's
        {
            parts.Add($"{Format.Duration(TimeSpan.FromSeconds(left))} left");
        }

        if (run.Reason is { } reason)
        {
            parts.Add(reason.ToString());
        }

        return string.Join("  ", parts);
    }
}
