using ClinicalGpt.Orleans.Abstractions.Telemetry;
using static System.FormattableString;
using static ClinicalGpt.Orleans.Benchmarks.Criteria.EvaluationNames;

namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>What "it learns" means, decided from evaluations and iterations alone. Shares are compared in points: a point is 0.01.</summary>
internal static class LearningCriteria
{
    public const int SeedsNeeded = 3;

    /// <summary>Settings were chosen by looking at seeds up to this one; the experiment takes others.</summary>
    public const long LastTuningSeed = 10;

    public const double RankingNeeded = 0.80;
    public const double RankingMargin = 0.10;
    public const double GainNeeded = 0.20;
    public const double GreedyLoss = 0.05;
    public const double KlLow = 0.3;
    public const double KlHigh = 3.0;
    public const int LastIterations = 10;

    // A difference of 0.80 and 0.75 is not exactly 0.05 in binary.
    private const double Rounding = 1e-9;

    /// <summary>Every criterion, in the order of the report.</summary>
    /// <param name="seeds">Results of the seeds.</param>
    public static IReadOnlyList<Criterion> Judge(IReadOnlyList<SeedResult> seeds) =>
    [
        EnoughSeeds(seeds),
        Each(seeds, "Held-out SFT loss falls from base to SFT", LossFalls),
        Each(seeds, Invariant($"Reward model ranks at least {RankingNeeded:0 %} of held-out pairs as given"), s => AtLeast(s, Accuracy)),
        Each(seeds, Invariant($"... and at least {RankingNeeded:0 %} of the length-matched ones"), s => AtLeast(s, LengthMatched)),
        Each(seeds, "... and is at least 10 points above ranking by length alone", s => Above(s, s.Main.Value(Ranking, LengthOnly))),
        Each(seeds, "... and at least 10 points above a reward model that sees the answer only", s => Above(s, s.Main.Value(AnswerOnlyRanking, Accuracy))),
        Each(seeds, "Exact sampled answers on held-out wordings rise from base to SFT", s => Rises(s, Base, Sft)),
        Each(seeds, "... and from SFT to PPO", s => Rises(s, Sft, Ppo)),
        Each(seeds, "... by at least 20 points, with the paired 95 % interval above 0", Gains),
        Each(seeds, "Control, scores shuffled within each batch: PPO does not gain (interval not above 0)", ShuffledDoesNotGain),
        Each(seeds, "Control, SFT sampled at temperature 0.5 (sharpening alone): measured and shown", Sharpened),
        Each(seeds, "Greedy loses at most 5 points from SFT to PPO", GreedyHolds),
        Each(seeds, Invariant($"KL per sequence, mean of the last {LastIterations} iterations, is between {KlLow} and {KlHigh} nats"), KlInRange),
    ];

    /// <summary>Mean KL to the reference over the last iterations, nats per sequence; null where PPO has fewer.</summary>
    public static double? LastKl(RunResult run) =>
        run.Ppo.Count >= LastIterations && run.Ppo.TakeLast(LastIterations).All(i => i.Metrics.ContainsKey(MetricNames.Kl))
            ? run.Ppo.TakeLast(LastIterations).Average(i => i.Metrics[MetricNames.Kl])
            : null;

    private static Criterion EnoughSeeds(IReadOnlyList<SeedResult> seeds)
    {
        var numbers = seeds.Select(s => s.Seed).ToArray();
        return new Criterion(
            Invariant($"At least {SeedsNeeded} seeds, none of those settings were chosen with (1 to {LastTuningSeed})"),
            numbers.Distinct().Count() >= SeedsNeeded && numbers.All(n => n is < 1 or > LastTuningSeed),
            [$"seeds {string.Join(", ", numbers)}"]);
    }

    private static Criterion Each(IReadOnlyList<SeedResult> seeds, string claim, Func<SeedResult, Finding?> look)
    {
        var findings = seeds.Select(s => (s.Seed, Finding: look(s) ?? new Finding(false, "not measured"))).ToArray();
        return new Criterion(
            claim, findings.Length > 0 && findings.All(f => f.Finding.Passed), [.. findings.Select(f => $"{f.Seed}: {f.Finding.Figure}")]);
    }

    private static Finding? LossFalls(SeedResult seed) =>
        seed.Main.Value(Loss(Base), "loss") is { } before && seed.Main.Value(Loss(Sft), "loss") is { } after
            ? new Finding(after < before, Invariant($"{before:0.000} -> {after:0.000} nats"))
            : null;

    private static Finding? AtLeast(SeedResult seed, string figure) =>
        seed.Main.Value(Ranking, figure) is { } accuracy
            ? new Finding(accuracy >= RankingNeeded - Rounding, Invariant($"{100 * accuracy:0.0} %"))
            : null;

    private static Finding? Above(SeedResult seed, double? baseline) =>
        seed.Main.Value(Ranking, Accuracy) is { } accuracy && baseline is { } other
            ? new Finding(accuracy - other >= RankingMargin - Rounding, Invariant($"{100 * accuracy:0.0} vs {100 * other:0.0} %"))
            : null;

    private static Finding? Rises(SeedResult seed, string from, string to) =>
        seed.Main.Value(Sampled(from), "exact") is { } before && seed.Main.Value(Sampled(to), "exact") is { } after
            ? new Finding(after > before, Invariant($"{100 * before:0.0} -> {100 * after:0.0} %"))
            : null;

    private static Finding? Gains(SeedResult seed) =>
        Difference.Paired(seed.Main.Find(Sampled(Sft)), seed.Main.Find(Sampled(Ppo))) is { } gain
            ? new Finding(gain.Mean >= GainNeeded - Rounding && gain.Low > 0, Points(gain))
            : null;

    // Against its own run's SFT, which is the same model as the main run's.
    private static Finding? ShuffledDoesNotGain(SeedResult seed) =>
        Difference.Paired(seed.Shuffled?.Find(Sampled(Sft)), seed.Shuffled?.Find(Sampled(Ppo))) is { } gain
            ? new Finding(gain.Low <= 0, Points(gain))
            : null;

    private static Finding? Sharpened(SeedResult seed) =>
        seed.Main.Value(Sampled(EvaluationNames.Sharpened), "exact") is { } sharpened
        && Difference.Paired(seed.Main.Find(Sampled(EvaluationNames.Sharpened)), seed.Main.Find(Sampled(Ppo))) is { } beyond
            ? new Finding(true, Invariant($"{100 * sharpened:0.0} %; PPO beyond it {Points(beyond)}"))
            : null;

    private static Finding? GreedyHolds(SeedResult seed) =>
        seed.Main.Value(Greedy(Sft), "exact") is { } before && seed.Main.Value(Greedy(Ppo), "exact") is { } after
            ? new Finding(before - after <= GreedyLoss + Rounding, Invariant($"{100 * before:0.0} -> {100 * after:0.0} %"))
            : null;

    private static Finding? KlInRange(SeedResult seed) =>
        LastKl(seed.Main) is { } kl ? new Finding(kl >= KlLow - Rounding && kl <= KlHigh + Rounding, Invariant($"{kl:0.00} nats")) : null;

    private static string Points(Difference d) => Invariant($"{100 * d.Mean:+0.0;-0.0;0.0} points [{100 * d.Low:+0.0;-0.0;0.0}, {100 * d.High:+0.0;-0.0;0.0}]");
}
