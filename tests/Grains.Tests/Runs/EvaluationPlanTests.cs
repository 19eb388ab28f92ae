using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class EvaluationPlanTests
{
    private static readonly string[] Sets = ["sft-heldout", "reward-heldout", "exact/heldout-wordings", "exam/exams"];

    [Fact]
    public void For_TrainedRun_NamesEveryModelAndSetOnce()
    {
        var plan = EvaluationPlan.For(Plans.Run(Tiny.Recipe()), Plans.Trained(Sets));

        string[] each = ["loss/sft-heldout", "exact/heldout-wordings/sampled", "exact/heldout-wordings/greedy", "exam/exams"];
        Assert.Equal(
            [.. new[] { "base", "sft", "ppo" }.SelectMany(m => each.Select(e => $"{m}/{e}")), "reward/ranking/heldout"], plan.Select(p => p.Name));
    }

    [Fact]
    public void For_BestPolicyThatIsNotTheLast_IsMeasuredToo()
    {
        var progress = Plans.Trained(Sets);

        var best = EvaluationPlan.For(Plans.Run(Tiny.Recipe()), progress with { Best = Plans.Checkpoint("best").Parameters });
        var last = EvaluationPlan.For(Plans.Run(Tiny.Recipe()), progress with { Best = progress.Ppo!.Policy.Parameters });

        Assert.Equal(4, best.Count(p => p.Name.StartsWith("best/", StringComparison.Ordinal)));
        Assert.DoesNotContain(last, p => p.Name.StartsWith("best/", StringComparison.Ordinal));
    }

    [Fact]
    public void For_SharpeningAndBaselines_AddsTheirRows()
    {
        var recipe = Tiny.Recipe("evaluate.sharpenTemperature=0.5");
        var plan = EvaluationPlan.For(Plans.Run(recipe), Plans.Trained(Sets) with { AnswerOnly = Plans.Checkpoint("blind") });

        var sharpened = Assert.Single(plan, p => p.Name == "sft-sharpened/exact/heldout-wordings/sampled");
        Assert.Equal((0.5, "sft"), (sharpened.Sampling.Temperature, sharpened.Model.IdentityHash));
        Assert.True(Assert.Single(plan, p => p.Name == "reward-answer-only/ranking/heldout").AnswerOnly);
    }

    [Fact]
    public void For_TwoModels_DrawsWithTheSameSeedWhateverTheRunsSeed()
    {
        var one = EvaluationPlan.For(Plans.Run(Tiny.Recipe("seed=1")), Plans.Trained(Sets));
        var two = EvaluationPlan.For(Plans.Run(Tiny.Recipe("seed=2")), Plans.Trained(Sets));

        Assert.Equal(one.Select(p => p.Seed), two.Select(p => p.Seed));
        Assert.Single(one.Where(p => p.Dataset.Name == "exact/heldout-wordings").Select(p => p.Seed).Distinct());
    }
}
