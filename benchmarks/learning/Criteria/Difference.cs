using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>After minus before, with a 95 % interval.</summary>
/// <param name="Mean">Mean difference.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="IsPaired">Case by case; else from two independent intervals, which is wider.</param>
internal sealed record Difference(double Mean, double Low, double High, bool IsPaired)
{
    /// <summary>Percentile bootstrap over the same cases; null where the cases differ or there are none.</summary>
    public static Difference? Paired(EvaluationResult? before, EvaluationResult? after)
    {
        if (before is null || after is null || before.CaseValues.Count == 0 || before.CaseValues.Count != after.CaseValues.Count)
        {
            return null;
        }

        var (first, second) = (before.CaseValues.ToArray(), after.CaseValues.ToArray());
        var interval = ConfidenceInterval.PairedDifference(first, second, Seeds.Derive(0, $"bootstrap/{before.Name}/{after.Name}"));
        return new Difference(second.Average() - (double)first.Average(), interval.Low, interval.High, true);
    }

    /// <summary>For figures without case values: Newcombe's square-and-add interval of a difference (1998).</summary>
    public static Difference? Unpaired(EvaluationResult? before, EvaluationResult? after, string figure)
    {
        if (before is null || after is null
            || !before.Values.TryGetValue(figure, out var first) || !before.Intervals.TryGetValue(figure, out var one)
            || !after.Values.TryGetValue(figure, out var second) || !after.Intervals.TryGetValue(figure, out var two))
        {
            return null;
        }

        var mean = second - first;
        return new Difference(
            mean, mean - double.Hypot(second - two[0], one[1] - first), mean + double.Hypot(two[1] - second, first - one[0]), false);
    }
}
