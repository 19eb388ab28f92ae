using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Benchmarks.Measuring;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>The whole report as Markdown, for the terminal and for results.md.</summary>
internal static class LearningReport
{
    public static string Write(Recipe recipe, IReadOnlyList<SeedResult> seeds, IReadOnlyList<Criterion> criteria)
    {
        var sets = ModelRow.Sets(seeds);
        var text = new StringBuilder();
        text.AppendLine($"# Does it learn? {recipe.Name}, seeds {string.Join(", ", seeds.Select(s => s.Seed))}").AppendLine();
        text.AppendLine("In brackets: 95 % intervals over the cases (Wilson for shares, normal for means; differences: paired bootstrap).");
        text.AppendLine("Exact answers are sampled at the recipe's PPO temperature unless the column says greedy; score (normalised) and KL to SFT");
        text.AppendLine($"(nats per sequence) belong to the sampled answers on {EvaluationNames.Wordings}. Every model is asked the same cases with the same draws.").AppendLine();
        foreach (var seed in seeds)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## Seed {seed.Seed}").AppendLine();
            text.AppendLine($"Runs: {string.Join(", ", new[] { seed.Main.RunId, seed.Shuffled?.RunId }.OfType<string>())}").AppendLine();
            text.AppendLine(SeedTables.OfSeed(seed, sets));
        }

        text.AppendLine("## All seeds: mean (lowest to highest)").AppendLine().AppendLine(SeedTables.OfAll(seeds, sets));
        text.AppendLine("## Reward model, held-out pairs").AppendLine().AppendLine(SeedTables.OfRewardModel(seeds));
        Improvement[] steps =
        [
            .. Improvement.Between(seeds, EvaluationNames.Base, EvaluationNames.Sft),
            .. Improvement.Between(seeds, EvaluationNames.Sft, EvaluationNames.Ppo),
        ];
        text.AppendLine("## Every measure, from stage to stage").AppendLine();
        text.AppendLine("Shares in percent and points. * two independent intervals, not case by case.").AppendLine();
        text.AppendLine(Changes(seeds, steps));
        text.AppendLine("## Criteria").AppendLine();
        foreach (var criterion in criteria)
        {
            text.AppendLine($"- **{criterion.Verdict}** {criterion.Claim}: {string.Join("; ", criterion.Figures)}");
        }

        text.AppendLine().AppendLine("## What does not improve").AppendLine();
        AppendShortcomings(text, seeds, steps);
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"{criteria.Count(c => c.Passed)} of {criteria.Count} criteria hold.");
        return text.ToString();
    }

    private static string Changes(IReadOnlyList<SeedResult> seeds, Improvement[] steps)
    {
        var table = new MarkdownTable(["step", "measure", "cases", .. seeds.Select(s => $"seed {s.Seed}: before -> after, change"), "in every seed"]);
        foreach (var step in steps)
        {
            table.Line(
            [
                $"{step.From} -> {step.To}", step.Measure, step.Seeds[0].Cases.ToString(CultureInfo.InvariantCulture),
                .. seeds.Select(s => step.Seeds.FirstOrDefault(c => c.Seed == s.Seed) is { } c ? Change(c, step.IsShare) : "-"),
                Says(step.Outcome),
            ]);
        }

        return table.ToString();
    }

    private static string Change(SeedChange c, bool isShare) =>
        $"{Text.Number(c.Before, isShare)} -> {Text.Number(c.After, isShare)}, {Text.Change(c.Difference, isShare)}{(c.Difference.IsPaired ? "" : "*")}";

    private static void AppendShortcomings(StringBuilder text, IReadOnlyList<SeedResult> seeds, Improvement[] steps)
    {
        foreach (var step in steps.Where(s => s.Outcome != Outcome.Better))
        {
            text.AppendLine(
                $"- {step.From} -> {step.To}, {step.Measure}: {Says(step.Outcome)} ({string.Join("; ", step.Seeds.Select(c => $"{c.Seed}: {Text.Change(c.Difference, step.IsShare)}"))})");
        }

        foreach (var seed in seeds)
        {
            var beyond = Difference.Paired(
                seed.Main.Find(EvaluationNames.Sampled(EvaluationNames.Sharpened)), seed.Main.Find(EvaluationNames.Sampled(EvaluationNames.Ppo)));
            if (beyond is { Low: <= 0 })
            {
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"- Seed {seed.Seed}: PPO is not shown to beat SFT sampled at temperature 0.5 ({Text.Change(beyond, true)} points): sharpening alone may explain the gain");
            }
        }
    }

    private static string Says(Outcome outcome) => outcome switch
    {
        Outcome.Better => "better",
        Outcome.Worse => "worse",
        _ => "no improvement shown",
    };
}
