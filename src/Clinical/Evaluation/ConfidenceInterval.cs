using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>An interval.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Interval(double Low, double High);

/// <summary>95 % intervals.</summary>
public static class ConfidenceInterval
{
    private const double Z = 1.959963984540054;
    private const double Tail = 0.025;

    /// <summary>Wilson's score interval of a share (1927).</summary>
    /// <param name="successes">Cases counted, at least 0.</param>
    /// <param name="cases">Cases in all; 0 gives [0, 1].</param>
    public static Interval Wilson(int successes, int cases)
    {
        if (cases == 0)
        {
            return new Interval(0, 1);
        }

        var share = (double)successes / cases;
        var denominator = 1 + (Z * Z / cases);
        var centre = (share + (Z * Z / (2 * cases))) / denominator;
        var half = Z / denominator * Math.Sqrt((share * (1 - share) / cases) + (Z * Z / (4.0 * cases * cases)));
        return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>Percentile bootstrap of the mean difference of paired figures: cases are drawn with replacement.</summary>
    /// <param name="before">One figure for each case.</param>
    /// <param name="after">The same cases under the other model.</param>
    /// <param name="seed">A seed from <see cref="Seeds.Derive"/>; the same seed gives the same interval.</param>
    /// <param name="draws">Bootstrap samples. Default: 2000.</param>
    /// <returns>Interval of mean(after) - mean(before).</returns>
    /// <exception cref="ArgumentException">The lists are empty or differ in length.</exception>
    public static Interval PairedDifference(IReadOnlyList<float> before, IReadOnlyList<float> after, ulong seed, int draws = 2000)
    {
        if (before.Count != after.Count || before.Count == 0)
        {
            throw new ArgumentException($"{before.Count} and {after.Count} figures; the same number, at least one, is needed", nameof(after));
        }

        var differences = before.Zip(after, (b, a) => (double)a - b).ToArray();
        var means = new double[draws];
        for (var d = 0; d < draws; d++)
        {
            var sum = 0.0;
            for (var i = 0; i < differences.Length; i++)
            {
                sum += differences[(int)(Seeds.Uniform(seed, ((long)d * differences.Length) + i) * differences.Length)];
            }

            means[d] = sum / differences.Length;
        }

        Array.Sort(means);
        return new Interval(Quantile(means, Tail), Quantile(means, 1 - Tail));
    }

    /// <summary>Linear interpolation between order statistics.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var low = (int)position;
        var high = Math.Min(low + 1, sorted.Length - 1);
        return sorted[low] + ((position - low) * (sorted[high] - sorted[low]));
    }
}
