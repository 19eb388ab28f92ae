using ClinicalGpt.Orleans.Abstractions.Messages;
using static System.FormattableString;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>Figures as text; shares in percent.</summary>
internal static class Text
{
    /// <summary>A figure with its interval, or a dash where it was not measured.</summary>
    public static string Figure(EvaluationResult? result, string figure, bool isShare) =>
        result is null || !result.Values.TryGetValue(figure, out var value) ? "-"
        : result.Intervals.TryGetValue(figure, out var ends) ? $"{Number(value, isShare)} [{Number(ends[0], isShare)}, {Number(ends[1], isShare)}]"
        : Number(value, isShare);

    public static string Number(double value, bool isShare) => isShare ? Invariant($"{100 * value:0.0}") : Invariant($"{value:0.000}");

    public static string Change(Criteria.Difference difference, bool isShare) => isShare
        ? Invariant($"{100 * difference.Mean:+0.0;-0.0;0.0} [{100 * difference.Low:+0.0;-0.0;0.0}, {100 * difference.High:+0.0;-0.0;0.0}]")
        : Invariant($"{difference.Mean:+0.000;-0.000;0.000} [{difference.Low:+0.000;-0.000;0.000}, {difference.High:+0.000;-0.000;0.000}]");

    /// <summary>Mean over seeds with the lowest and the highest.</summary>
    public static string Spread(IEnumerable<double?> values, bool isShare)
    {
        var known = values.OfType<double>().ToArray();
        return known.Length == 0 ? "-" : $"{Number(known.Average(), isShare)} ({Number(known.Min(), isShare)} to {Number(known.Max(), isShare)})";
    }
}
