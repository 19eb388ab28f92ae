namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

/// <summary>Seconds of one PPO iteration, from the end of the commit before to the end of its own.</summary>
/// <param name="Iteration">0-based.</param>
/// <param name="Phases">Seconds of each phase.</param>
internal sealed record IterationTimes(int Iteration, IReadOnlyDictionary<Phase, double> Phases)
{
    /// <summary>Name of the span that ends an iteration.</summary>
    public const string CommitSpan = "store/CommitAsync";

    private static readonly Phase[] Computing = [Phase.Generate, Phase.Reference, Phase.Reward, Phase.Learn, Phase.Development];

    public double Wall => Phases.Values.Sum();

    /// <summary>Seconds of the recipe's mathematics; moving parameters about is none of it.</summary>
    public double Computed => Computing.Sum(p => Phases[p]);

    public double Outside => Wall - Computed;

    /// <summary>The iterations of a run but the first, which loads models.</summary>
    /// <param name="spans">Spans of every process that took part in the run, and of no other run.</param>
    public static IReadOnlyList<IterationTimes> Of(IReadOnlyList<Span> spans)
    {
        long[] ends = [.. spans.Where(s => s.Name == CommitSpan).Select(s => s.End).Order()];
        return
        [
            .. Enumerable.Range(1, Math.Max(0, ends.Length - 1))
                .Select(i => new IterationTimes(i, PhaseSplit.Of(ends[i - 1], ends[i], spans))),
        ];
    }
}
