using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Benchmarks.Criteria;

namespace ClinicalGpt.Orleans.Benchmarks.Tests;

/// <summary>Results of a seed that meets every criterion, to be spoilt in one place by each test.</summary>
internal static class SeedResults
{
    private const int Cases = 100;

    public static SeedResult[] Good() => [Good(11), Good(12), Good(13)];

    public static SeedResult Good(long seed) => new(
        seed,
        Run(
            $"learning-{seed}", kl: 1.0,
            Mean("base/loss/sft-heldout", "loss", 2.5f), Mean("sft/loss/sft-heldout", "loss", 0.5f), Mean("ppo/loss/sft-heldout", "loss", 0.6f),
            Share("base/exact/heldout-wordings/sampled", 5), Share("sft/exact/heldout-wordings/sampled", 40), Share("ppo/exact/heldout-wordings/sampled", 75),
            Share("base/exact/heldout-wordings/greedy", 10), Share("sft/exact/heldout-wordings/greedy", 90), Share("ppo/exact/heldout-wordings/greedy", 92),
            Share("sft-sharpened/exact/heldout-wordings/sampled", 60),
            Share("sft/exam/exams", 30, "accuracy"), Share("ppo/exam/exams", 29, "accuracy"),
            Ranking("reward/ranking/heldout", 0.95, matched: 0.9, lengthOnly: 0.6), Ranking("reward-answer-only/ranking/heldout", 0.7, 0.6, 0.6)),
        Run(
            $"learning-{seed}-shuffled", kl: 0.1,
            Share("sft/exact/heldout-wordings/sampled", 40), Share("ppo/exact/heldout-wordings/sampled", 41)));

    /// <summary>The same seed with evaluations replaced.</summary>
    public static SeedResult With(this SeedResult seed, params EvaluationResult[] changed) => seed with { Main = Replace(seed.Main, changed) };

    public static SeedResult WithShuffled(this SeedResult seed, params EvaluationResult[] changed) =>
        seed with { Shuffled = Replace(seed.Shuffled!, changed) };

    public static SeedResult WithKl(this SeedResult seed, double kl) => seed with { Main = seed.Main with { Ppo = Iterations(kl) } };

    /// <summary>The first <paramref name="right"/> of 100 cases are right.</summary>
    public static EvaluationResult Share(string name, int right, string figure = "exact") => new()
    {
        Name = name,
        Cases = Cases,
        Values = new Dictionary<string, double> { [figure] = right / (double)Cases },
        CaseValues = FloatBlock.From([.. Enumerable.Range(0, Cases).Select(i => i < right ? 1f : 0f)]),
    };

    public static EvaluationResult Mean(string name, string figure, float mean) => new()
    {
        Name = name,
        Cases = Cases,
        Values = new Dictionary<string, double> { [figure] = mean },
        CaseValues = FloatBlock.From([.. Enumerable.Range(0, Cases).Select(i => mean + (i % 2 == 0 ? 0.01f : -0.01f))]),
    };

    public static EvaluationResult Ranking(string name, double accuracy, double matched, double lengthOnly) => new()
    {
        Name = name,
        Cases = Cases,
        Values = new Dictionary<string, double>
        {
            ["accuracy"] = accuracy,
            ["accuracy-length-matched"] = matched,
            ["accuracy-length-only"] = lengthOnly,
            ["cases-length-matched"] = 60,
        },
        CaseValues = FloatBlock.From([]),
    };

    private static RunResult Run(string id, double kl, params EvaluationResult[] evaluations) =>
        new(id, evaluations.ToDictionary(e => e.Name), Iterations(kl));

    private static RunResult Replace(RunResult run, EvaluationResult[] changed) => run with
    {
        Evaluations = run.Evaluations.Values.Where(e => changed.All(c => c.Name != e.Name)).Concat(changed).ToDictionary(e => e.Name),
    };

    // Ten iterations that must not count, then the last ten.
    private static IterationView[] Iterations(double kl) => [.. Enumerable.Range(0, 20).Select(i => new IterationView
    {
        Stage = "ppo",
        Iteration = i,
        Metrics = new Dictionary<string, double> { [MetricNames.Kl] = i < 10 ? 50 : kl, [MetricNames.Scores] = i * 0.1 },
        Timings = [],
        CommittedAt = DateTimeOffset.UnixEpoch,
    })];
}
