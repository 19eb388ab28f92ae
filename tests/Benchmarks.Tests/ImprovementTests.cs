using ClinicalGpt.Orleans.Benchmarks.Criteria;
using static ClinicalGpt.Orleans.Benchmarks.Tests.SeedResults;

namespace ClinicalGpt.Orleans.Benchmarks.Tests;

public sealed class ImprovementTests
{
    [Theory]
    [InlineData("exact/heldout-wordings/sampled", nameof(Outcome.Better))]
    [InlineData("exact/heldout-wordings/greedy", nameof(Outcome.NotShown))]
    [InlineData("exam/exams accuracy", nameof(Outcome.NotShown))]
    [InlineData("loss/sft-heldout", nameof(Outcome.Worse))]
    public void Between_SftAndPpo_SaysWhatTheIntervalsSay(string measure, string outcome) =>
        Assert.Equal(outcome, Improvement.Between(Good(), "sft", "ppo").Single(i => i.Measure == measure).Outcome.ToString());

    [Fact]
    public void Between_LossFalls_IsBetter() =>
        Assert.Equal(Outcome.Better, Improvement.Between(Good(), "base", "sft").Single(i => i.Measure == "loss/sft-heldout").Outcome);

    [Fact]
    public void Between_SeedsDisagree_IsNotShown()
    {
        var seeds = Good();
        seeds[0] = seeds[0].With(Share("ppo/exact/heldout-wordings/sampled", 10));

        Assert.Equal(Outcome.NotShown, Improvement.Between(seeds, "sft", "ppo").Single(i => i.Measure == "exact/heldout-wordings/sampled").Outcome);
    }

    [Fact]
    public void Unpaired_TwoIntervals_AddsThemInQuadrature()
    {
        // 0.3 - sqrt((0.8 - 0.76)^2 + (0.53 - 0.5)^2) = 0.25, 0.3 + sqrt((0.86 - 0.8)^2 + (0.5 - 0.42)^2) = 0.4.
        var before = Share("sft/x", 50);
        var after = Share("ppo/x", 80);
        before.Intervals["exact"] = [0.42, 0.53];
        after.Intervals["exact"] = [0.76, 0.86];

        var difference = Difference.Unpaired(before, after, "exact")!;

        Assert.Equal(0.25, difference.Low, 9);
        Assert.Equal(0.4, difference.High, 9);
        Assert.False(difference.IsPaired);
    }

    [Fact]
    public void Paired_OtherCases_IsNull() =>
        Assert.Null(Difference.Paired(Share("sft/x", 50), Ranking("ppo/x", 0.5, 0.5, 0.5)));
}
