using System.Globalization;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using static ClinicalGpt.Orleans.Benchmarks.Criteria.EvaluationNames;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>Tables of stages: one seed with intervals over its cases, or all seeds with their spread.</summary>
internal static class SeedTables
{
    /// <summary>One seed; intervals are 95 % over the cases.</summary>
    public static string OfSeed(SeedResult seed, IReadOnlyList<string> sets)
    {
        var cases = new Dictionary<string, int>(sets.Select(s => KeyValuePair.Create(s, seed.Main.Find(Sampled(Base, s))?.Cases ?? 0)));
        var table = new MarkdownTable(
        [
            "", $"SFT loss (n={Count(seed.Main.Find(Loss(Base))?.Cases)})",
            .. sets.Select(s => $"exact %, {s} (n={Count(cases[s])})"), $"greedy exact %, {Wordings}", "score", "KL",
        ]);
        foreach (var row in ModelRow.All.Where(r => r.RunOf(seed)?.Find(Sampled(r.Model)) is not null))
        {
            var run = row.RunOf(seed)!;
            table.Line(
            [
                row.Label, Text.Figure(run.Find(Loss(row.Model)), "loss", false),
                .. sets.Select(s => Text.Figure(run.Find(Sampled(row.Model, s)), "exact", true)),
                Text.Figure(run.Find(Greedy(row.Model)), "exact", true),
                Text.Figure(run.Find(Sampled(row.Model)), "score", false),
                row.HasKl ? Text.Figure(run.Find(Sampled(row.Model)), "kl", false) : "-",
            ]);
        }

        return table.ToString();
    }

    /// <summary>All seeds: mean, lowest and highest.</summary>
    public static string OfAll(IReadOnlyList<SeedResult> seeds, IReadOnlyList<string> sets)
    {
        var table = new MarkdownTable(["", "SFT loss", .. sets.Select(s => $"exact %, {s}"), $"greedy exact %, {Wordings}", "score", "KL"]);
        foreach (var row in ModelRow.All)
        {
            var runs = seeds.Select(row.RunOf).OfType<RunResult>().Where(r => r.Find(Sampled(row.Model)) is not null).ToArray();
            if (runs.Length == 0)
            {
                continue;
            }

            var label = runs.Length == seeds.Count ? row.Label : $"{row.Label} ({Count(runs.Length)} of {Count(seeds.Count)} seeds)";
            table.Line(
            [
                label, Text.Spread(runs.Select(r => r.Value(Loss(row.Model), "loss")), false),
                .. sets.Select(s => Text.Spread(runs.Select(r => r.Value(Sampled(row.Model, s), "exact")), true)),
                Text.Spread(runs.Select(r => r.Value(Greedy(row.Model), "exact")), true),
                Text.Spread(runs.Select(r => r.Value(Sampled(row.Model), "score")), false),
                row.HasKl ? Text.Spread(runs.Select(r => r.Value(Sampled(row.Model), "kl")), false) : "-",
            ]);
        }

        return table.ToString();
    }

    /// <summary>The reward model beside what it must beat.</summary>
    public static string OfRewardModel(IReadOnlyList<SeedResult> seeds)
    {
        var table = new MarkdownTable(
            "seed", "pairs", "reward model %", "length-matched pairs", "reward model %, length-matched", "length only %",
            "answer only %", "answer only %, length-matched");
        foreach (var seed in seeds)
        {
            var (ranking, blind) = (seed.Main.Find(Ranking), seed.Main.Find(AnswerOnlyRanking));
            table.Line(
                seed.Seed.ToString(CultureInfo.InvariantCulture),
                Count(ranking?.Cases),
                Text.Figure(ranking, Accuracy, true),
                Count((int?)seed.Main.Value(Ranking, "cases-length-matched")),
                Text.Figure(ranking, LengthMatched, true),
                Text.Figure(ranking, LengthOnly, true),
                Text.Figure(blind, Accuracy, true),
                Text.Figure(blind, LengthMatched, true));
        }

        return table.ToString();
    }

    private static string Count(int? cases) => cases?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
