using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;

namespace ClinicalGpt.Orleans.Benchmarks.Runs;

/// <summary>A run as few lines: one for each stage, one for every ten iterations of PPO.</summary>
internal sealed class ProgressLines
{
    private const int Every = 10;
    private static readonly (string Metric, string Label)[] Shown =
    [
        (MetricNames.Loss, "loss"), (MetricNames.RewardAccuracy, "accuracy"), (MetricNames.Scores, "score"), (MetricNames.Kl, "KL"),
    ];

    private (string Stage, int Tens, bool Ended)? _last;

    /// <summary>The line for a state, or null when nothing worth one has changed.</summary>
    public string? Next(RunSnapshot run)
    {
        var now = (run.Stage, run.Stage == StageNames.Ppo ? run.Iteration / Every : 0, run.IsTerminal);
        if (_last == now || run.Stage.Length == 0)
        {
            return null;
        }

        _last = now;
        var metrics = Shown.Where(m => run.Metrics.ContainsKey(m.Metric)).Select(m => FormattableString.Invariant($"{m.Label} {run.Metrics[m.Metric]:0.00}"));
        var at = run.IsTerminal ? run.Status.ToString().ToLowerInvariant() : FormattableString.Invariant($"{run.Stage} {run.Iteration}/{run.TotalIterations}");
        return string.Join("  ", [$"{run.UpdatedAt.UtcDateTime:HH:mm:ss}", run.RunId, at, .. run.IsTerminal ? [] : metrics]);
    }
}
