using ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;
using ClinicalGpt.Orleans.Benchmarks.Measuring;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Report;

/// <summary>What a variant costs beyond tensor computation, as shares of its own wall time.</summary>
/// <param name="AgainstDirect">Median over iterations of (wall - wall of the same iteration called directly) / wall.</param>
/// <param name="Quartiles">First and third quartile of the same.</param>
/// <param name="Inside">Median of the share of the wall time in which no device computes: measured within the run alone.</param>
/// <param name="Pairs">Iterations compared.</param>
internal sealed record Overhead(double AgainstDirect, (double Low, double High) Quartiles, double Inside, int Pairs)
{
    /// <summary>The most the actors may cost.</summary>
    public const double Limit = 0.05;

    /// <summary>Compares a variant's iterations with those of the same round and number called directly: with the same seed
    /// they compute the same numbers, so whatever differs is the actors' cost or noise.</summary>
    /// <param name="series">Everything measured with a recipe.</param>
    /// <param name="variant">The variant.</param>
    /// <returns>Null where there is nothing to compare with.</returns>
    public static Overhead? Of(Series series, string variant)
    {
        var direct = series.Runs.Where(r => r.Variant == Variant.Direct).ToDictionary(r => r.Round, r => r.Iterations.ToDictionary(i => i.Iteration));
        var own = series.Runs.Where(r => r.Variant == variant).ToArray();
        double[] shares =
        [
            .. from run in own
               where direct.ContainsKey(run.Round)
               from iteration in run.Iterations
               where direct[run.Round].ContainsKey(iteration.Iteration)
               select 1 - (direct[run.Round][iteration.Iteration].Wall / iteration.Wall),
        ];
        return shares.Length == 0
            ? null
            : new Overhead(
                Statistics.Median(shares),
                (Statistics.Quantile(shares, 0.25), Statistics.Quantile(shares, 0.75)),
                Statistics.Median(own.SelectMany(r => r.Iterations).Select(i => i.Outside / i.Wall)),
                shares.Length);
    }
}
