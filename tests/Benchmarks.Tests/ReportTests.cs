using System.Text.Json;
using System.Xml.Linq;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Report;
using ClinicalGpt.Orleans.Benchmarks.Runs;
using static ClinicalGpt.Orleans.Benchmarks.Tests.SeedResults;

namespace ClinicalGpt.Orleans.Benchmarks.Tests;

public sealed class ReportTests
{
    private static readonly Recipe Quickstart = new()
    {
        Name = "quickstart",
        Model = new ModelOptions { Path = "model" },
        Reward = new RewardOptions(),
        Ppo = new PpoOptions(),
        Evaluate = new EvaluationOptions { Exams = new Dictionary<string, string> { ["exams"] = "exams.jsonl" } },
    };

    [Fact]
    public void Write_Results_HoldsStagesControlsCriteriaAndShortcomings()
    {
        var seeds = Good();

        var text = LearningReport.Write(Quickstart, seeds, LearningCriteria.Judge(seeds));

        Assert.Contains("| PPO ", text);
        Assert.Contains("| control: SFT, T=0.5 ", text);
        Assert.Contains("| control: PPO, shuffled ", text);
        Assert.Contains("exact %, heldout-wordings (n=100)", text);
        Assert.Contains("- **PASS** KL per sequence", text);
        Assert.Contains("- sft -> ppo, exam/exams accuracy: no improvement shown (11: -1.0 [", text);
        Assert.Contains("- sft -> ppo, loss/sft-heldout: worse", text);
        Assert.DoesNotContain("sharpening alone may explain", text);
    }

    [Fact]
    public void Write_SharpeningDoesAsWell_SaysSo()
    {
        var seeds = Good();
        seeds[0] = seeds[0].With(Share("sft-sharpened/exact/heldout-wordings/sampled", 80));

        Assert.Contains("Seed 11: PPO is not shown to beat SFT sampled", LearningReport.Write(Quickstart, seeds, LearningCriteria.Judge(seeds)));
    }

    [Fact]
    public void Table_Cells_AreAligned()
    {
        var table = new MarkdownTable("a", "long");
        table.Line("wider", "b");

        Assert.Equal(["| a     | long |", "| ----- | ---- |", "| wider | b    |"], table.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Json_Results_IsReadBack()
    {
        var seeds = Good();

        using var json = JsonDocument.Parse(ResultsJson.Write(seeds, LearningCriteria.Judge(seeds)));

        Assert.Equal(3, json.RootElement.GetProperty("seeds").GetArrayLength());
        Assert.Equal(1.0, json.RootElement.GetProperty("seeds")[0].GetProperty("main").GetProperty("klOfLastIterations").GetDouble(), 9);
    }

    [Fact]
    public void Draw_Curves_HasALineForEachRunThatMeasured()
    {
        var svg = XDocument.Parse(LearningCurves.Draw(Good()));

        // Two metrics, three seeds, with control; none measured the development split.
        Assert.Equal(12, svg.Descendants().Count(e => e.Name.LocalName == "polyline"));
    }

    [Fact]
    public void RunId_SeedOrControl_DiffersAndRepeats()
    {
        var main = ExperimentRecipes.Measured(Quickstart, 11);
        var control = ExperimentRecipes.Shuffled(Quickstart, 11);

        Assert.Equal(ExperimentRecipes.RunId(main), ExperimentRecipes.RunId(ExperimentRecipes.Measured(Quickstart, 11)));
        Assert.StartsWith("learning-11-", ExperimentRecipes.RunId(main));
        Assert.StartsWith("learning-11-shuffled-", ExperimentRecipes.RunId(control));
        Assert.True(control.Ppo!.ShuffleScores);
        Assert.Empty(control.Evaluate!.Exams);
        Assert.True(main.Reward!.AnswerOnlyBaseline);
    }
}
