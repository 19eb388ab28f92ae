using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Grains.Evaluation;

/// <summary>Figures with their 95 % intervals: Wilson for shares, normal for means.</summary>
internal static class Figures
{
    private const double Z95 = 1.959963984540054;

    public static EvaluationResult Share(string name, string figure, float[] cases)
    {
        var result = Empty(name, cases);
        AddShare(result, figure, cases);
        return result;
    }

    public static EvaluationResult Mean(string name, string figure, float[] cases)
    {
        var result = Empty(name, cases);
        AddMean(result, figure, cases.Select(c => (double)c));
        return result;
    }

    public static void AddShare(EvaluationResult result, string figure, float[] cases)
    {
        if (cases.Length == 0)
        {
            return;
        }

        var interval = ConfidenceInterval.Wilson(cases.Count(c => c == 1f), cases.Length);
        result.Values[figure] = cases.Average();
        result.Intervals[figure] = [interval.Low, interval.High];
    }

    /// <summary>Adds a mean over the numbers there are; nothing where all are NaN (not measured).</summary>
    public static void AddMean(EvaluationResult result, string figure, IEnumerable<double> cases)
    {
        var numbers = cases.Where(double.IsFinite).ToArray();
        if (numbers.Length == 0)
        {
            return;
        }

        var mean = numbers.Average();
        result.Values[figure] = mean;
        if (numbers.Length > 1)
        {
            var error = Math.Sqrt(numbers.Sum(n => (n - mean) * (n - mean)) / (numbers.Length - 1) / numbers.Length);
            result.Intervals[figure] = [mean - (Z95 * error), mean + (Z95 * error)];
        }
    }

    public static void AddGroups(EvaluationResult result, string figure, ClinicalRecord[] cases, float[] right)
    {
        foreach (var group in cases.Select((c, i) => (c.Group, i)).Where(c => c.Group is not null).GroupBy(c => c.Group!).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            AddShare(result, $"{figure}-{group.Key}", [.. group.Select(c => right[c.i])]);
        }
    }

    private static EvaluationResult Empty(string name, float[] cases) => new()
    {
        Name = name,
        Cases = cases.Length,
        Values = [],
        CaseValues = FloatBlock.From(cases),
    };
}
