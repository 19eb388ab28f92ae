using ClinicalGpt.Orleans.Benchmarks.Criteria;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>The rows of the tables: three stages, the best of PPO on the development split, and two controls.</summary>
/// <param name="Label">What the row is called.</param>
/// <param name="Model">The model's name in evaluations.</param>
/// <param name="IsControl">Read from the run with shuffled scores.</param>
internal sealed record ModelRow(string Label, string Model, bool IsControl = false)
{
    public static IReadOnlyList<ModelRow> All { get; } =
    [
        new("base", EvaluationNames.Base),
        new("SFT", EvaluationNames.Sft),
        new("PPO", EvaluationNames.Ppo),
        new("PPO, best on dev", EvaluationNames.Best),
        new("control: SFT, T=0.5", EvaluationNames.Sharpened),
        new("control: PPO, shuffled", EvaluationNames.Ppo, true),
    ];

    /// <summary>KL is measured at the temperature of sampling: at another one it says nothing about the row.</summary>
    public bool HasKl => Model != EvaluationNames.Sharpened;

    public RunResult? RunOf(SeedResult seed) => IsControl ? seed.Shuffled : seed.Main;

    /// <summary>Sets of exact answers, held-out wordings first.</summary>
    public static IReadOnlyList<string> Sets(IReadOnlyList<SeedResult> seeds) =>
    [
        .. seeds.SelectMany(s => s.Main.Evaluations.Keys)
            .Where(n => n.StartsWith("base/exact/", StringComparison.Ordinal) && n.EndsWith("/sampled", StringComparison.Ordinal))
            .Select(n => n.Split('/')[2])
            .Distinct()
            .OrderBy(n => n != EvaluationNames.Wordings),
    ];
}
