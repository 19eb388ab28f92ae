namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>How a measure changed over the seeds.</summary>
internal enum Outcome
{
    /// <summary>The interval is on the better side of 0 in every seed.</summary>
    Better = 0,

    /// <summary>The interval holds 0 in some seed, or seeds disagree.</summary>
    NotShown = 1,

    /// <summary>The interval is on the worse side of 0 in every seed.</summary>
    Worse = 2,
}

/// <summary>One measure from one model to the next, in every seed.</summary>
/// <param name="From">Model before.</param>
/// <param name="To">Model after.</param>
/// <param name="Measure">Kind, set, mode and figure.</param>
/// <param name="IsShare">A share of cases; else a loss or an overlap.</param>
/// <param name="Outcome">What the intervals say together.</param>
/// <param name="Seeds">Values and difference of each seed that measured it.</param>
internal sealed record Improvement(
    string From, string To, string Measure, bool IsShare, Outcome Outcome, IReadOnlyList<SeedChange> Seeds)
{
    private static readonly string[] BesideMain = ["accuracy-by-text"];

    /// <summary>Every measure both models have, in the order it was measured.</summary>
    public static IReadOnlyList<Improvement> Between(IReadOnlyList<SeedResult> seeds, string before, string after) =>
    [
        .. from name in seeds.SelectMany(s => s.Main.Evaluations.Keys).Distinct()
           where name.StartsWith(before + "/", StringComparison.Ordinal)
           let rest = name[(before.Length + 1)..]
           from figure in seeds.SelectMany(s => FiguresOf(s, name)).Distinct()
           let changes = seeds.Select(s => Change(s, name, $"{after}/{rest}", figure)).OfType<SeedChange>().ToArray()
           where changes.Length > 0
           select new Improvement(
               before, after, figure is "exact" or "loss" ? rest : $"{rest} {figure}",
               figure.StartsWith("accuracy", StringComparison.Ordinal) || figure == "exact",
               Decide(changes, lowerIsBetter: figure == "loss"), changes),
    ];

    private static IEnumerable<string> FiguresOf(SeedResult seed, string name) =>
        seed.Main.Find(name) is { } result && EvaluationNames.MainFigure(result.Values) is { } main
            ? [main, .. BesideMain.Where(result.Values.ContainsKey)]
            : [];

    private static SeedChange? Change(SeedResult seed, string before, string after, string figure)
    {
        var (first, second) = (seed.Main.Find(before), seed.Main.Find(after));
        var isMain = first is not null && EvaluationNames.MainFigure(first.Values) == figure;
        var difference = (isMain ? Difference.Paired(first, second) : null) ?? Difference.Unpaired(first, second, figure);
        return difference is null
            ? null
            : new SeedChange(seed.Seed, first!.Cases, first.Values[figure], second!.Values[figure], difference);
    }

    private static Outcome Decide(SeedChange[] changes, bool lowerIsBetter)
    {
        var up = changes.All(c => c.Difference.Low > 0);
        var down = changes.All(c => c.Difference.High < 0);
        return (lowerIsBetter ? down : up) ? Outcome.Better : (lowerIsBetter ? up : down) ? Outcome.Worse : Outcome.NotShown;
    }
}

/// <summary>One seed's figures before and after.</summary>
internal sealed record SeedChange(long Seed, int Cases, double Before, double After, Difference Difference);
