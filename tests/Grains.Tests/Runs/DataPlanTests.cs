using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Clinical.Datasets;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class DataPlanTests
{
    [Fact]
    public void SetsOf_MicroRecipe_NamesEverySet() => Assert.Equal(
        ["sft", "sft-heldout", "reward", "reward-heldout", "prompts", "development", "exact/heldout-wordings", "exam/exams"],
        DataPlan.SetsOf(Tiny.Recipe()).Select(s => s.Name));

    [Fact]
    public void SetsOf_NoPrompts_TakesThemFromTheComparisons()
    {
        var sets = DataPlan.SetsOf(Tiny.Recipe("data.prompts=[]")).ToDictionary(s => s.Name);

        Assert.Equal(sets["reward"].Files, sets["prompts"].Files);
        Assert.Equal(ImportKind.Prompts, sets["prompts"].Kind);
    }

    [Fact]
    public void SetAside_NoHeldOutSet_MovesTheShare()
    {
        var sets = Sets(40);

        DataPlan.SetAside(sets, Tiny.Recipe("data.heldOutShare=0.1"), "sft", "sft-heldout");

        Assert.Equal((36, 4), (sets["sft"].Records.Count, sets["sft-heldout"].Records.Count));
        Assert.Equal(
            Enumerable.Range(1, 40).Select(i => $"a:{i}").Order(), sets.Values.SelectMany(s => s.Records).Select(r => r.Id).Order());
        Assert.Equal(3, sets["sft"].Skipped);
    }

    [Fact]
    public void SetAside_Again_MovesTheSameRecordsAndOthersForAnotherSeed()
    {
        var ids = new[] { 1, 1, 2 }.Select(seed =>
        {
            var sets = Sets(200);
            DataPlan.SetAside(sets, Tiny.Recipe($"seed={seed}"), "sft", "sft-heldout");
            return sets["sft-heldout"].Records.Select(r => r.Id).ToArray();
        }).ToArray();

        Assert.Equal(ids[0], ids[1]);
        Assert.NotEqual(ids[0], ids[2]);
    }

    [Fact]
    public void SetAside_HeldOutSetGivenOrShareZero_ChangesNothing()
    {
        var given = Sets(40);
        given["sft-heldout"] = Sets(2)["sft"];
        var none = Sets(40);

        DataPlan.SetAside(given, Tiny.Recipe(), "sft", "sft-heldout");
        DataPlan.SetAside(none, Tiny.Recipe("data.heldOutShare=0"), "sft", "sft-heldout");

        Assert.Equal((40, 2), (given["sft"].Records.Count, given["sft-heldout"].Records.Count));
        Assert.Single(none);
    }

    private static Dictionary<string, ImportResult> Sets(int count) => new()
    {
        ["sft"] = new ImportResult(
            [.. Enumerable.Range(1, count).Select(i => new ClinicalRecord { Id = $"a:{i}", Prompt = "p" })], 3, new Dictionary<string, int>()),
    };
}
