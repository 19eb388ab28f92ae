using ClinicalGpt.Orleans.Benchmarks.Criteria;
using static ClinicalGpt.Orleans.Benchmarks.Tests.SeedResults;

namespace ClinicalGpt.Orleans.Benchmarks.Tests;

public sealed class LearningCriteriaTests
{
    private static readonly Dictionary<string, Func<SeedResult, SeedResult>> Spoilt = new()
    {
        ["SFT loss"] = s => s.With(Mean("sft/loss/sft-heldout", "loss", 2.5f)),
        ["at least 80 % of held-out"] = s => s.With(Ranking("reward/ranking/heldout", 0.799, 0.9, 0.6), Ranking("reward-answer-only/ranking/heldout", 0.6, 0.6, 0.6)),
        ["length-matched ones"] = s => s.With(Ranking("reward/ranking/heldout", 0.95, 0.79, 0.6)),
        ["length alone"] = s => s.With(Ranking("reward/ranking/heldout", 0.95, 0.9, 0.86)),
        ["answer only"] = s => s.With(Ranking("reward-answer-only/ranking/heldout", 0.86, 0.6, 0.6)),
        ["from base to SFT|Held-out SFT loss"] = s => s.With(Share("base/exact/heldout-wordings/sampled", 40)),
        ["by at least 20 points"] = s => s.With(Share("ppo/exact/heldout-wordings/sampled", 59)),
        ["PPO does not gain"] = s => s.WithShuffled(Share("ppo/exact/heldout-wordings/sampled", 60)),
        ["Greedy"] = s => s.With(Share("ppo/exact/heldout-wordings/greedy", 84)),
        ["KL per sequence"] = s => s.WithKl(3.01),
    };

    public static TheoryData<string> Claims => [.. Spoilt.Keys];

    [Fact]
    public void Judge_EverythingHolds_Passes() => Assert.All(LearningCriteria.Judge(Good()), c => Assert.True(c.Passed, $"{c.Claim}: {string.Join("; ", c.Figures)}"));

    [Theory]
    [MemberData(nameof(Claims))]
    public void Judge_OneSeedMissesOne_FailsThatOneOnly(string claim)
    {
        var seeds = Good();
        seeds[1] = Spoilt[claim](seeds[1]);
        // "a|b": contains a, and does not contain b.
        var (part, not) = claim.Split('|') is [var a, var b] ? (a, b) : (claim, "\n");

        var failed = Assert.Single(LearningCriteria.Judge(seeds), c => !c.Passed);

        Assert.Contains(part, failed.Claim);
        Assert.DoesNotContain(not, failed.Claim);
        Assert.Equal(3, failed.Figures.Count);
    }

    [Fact]
    public void Judge_PpoBelowSft_FailsRiseAndGain()
    {
        var seeds = Good();
        seeds[2] = seeds[2].With(Share("ppo/exact/heldout-wordings/sampled", 40));

        Assert.Equal(2, LearningCriteria.Judge(seeds).Count(c => !c.Passed));
    }

    [Theory]
    [InlineData(0.29, false)]
    [InlineData(0.3, true)]
    [InlineData(3.0, true)]
    public void Judge_Kl_CountsTheLastTenIterationsOnly(double kl, bool passes)
    {
        var seeds = Good().Select(s => s.WithKl(kl)).ToArray();

        Assert.Equal(passes, LearningCriteria.Judge(seeds).Single(c => c.Claim.StartsWith("KL", StringComparison.Ordinal)).Passed);
    }

    [Fact]
    public void Judge_FiguresExactlyAtTheBounds_Pass()
    {
        // 0.40 -> 0.60 and 0.90 -> 0.85 are not exactly 0.2 and 0.05 in binary.
        var seeds = Good().Select(s => s.With(
            Share("ppo/exact/heldout-wordings/sampled", 60),
            Share("ppo/exact/heldout-wordings/greedy", 85),
            Ranking("reward/ranking/heldout", 0.80, 0.80, 0.70))).ToArray();

        Assert.All(LearningCriteria.Judge(seeds), c => Assert.True(c.Passed, c.Claim));
    }

    [Fact]
    public void Judge_WithoutControls_SaysNotMeasured()
    {
        var seeds = Good().Select(s => s with { Shuffled = null }).ToArray();

        var failed = Assert.Single(LearningCriteria.Judge(seeds), c => !c.Passed);

        Assert.All(failed.Figures, f => Assert.EndsWith("not measured", f));
    }

    [Theory]
    [InlineData(11, 12)]
    [InlineData(3, 11, 12)]
    public void Judge_TooFewSeedsOrOneOfTuning_Fails(params int[] numbers) =>
        Assert.False(LearningCriteria.Judge([.. numbers.Select(n => Good(n))])[0].Passed);
}
