using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class RolloutPlanTests
{
    private static readonly ClinicalRecord[] Prompts =
        [.. Enumerable.Range(1, 20).Select(i => new ClinicalRecord { Id = $"p:{i}", Prompt = $"Question {i}?" })];

    private readonly Vocabulary _vocabulary = Load();

    [Fact]
    public void Requests_AnyRunEpochOrWorkers_HaveTheSamePromptsAndSeeds()
    {
        var one = Plan(Tiny.Recipe(), "run-1", 1).Requests(StageNames.Ppo, 2, 8, null);
        var two = Plan(Tiny.Recipe("ppo.workers=7"), "other", 9).Requests(StageNames.Ppo, 2, 8, Plans.Checkpoint("policy").Parameters);

        Assert.Equal([3, 3, 2], one.Select(r => r.Prompts.Rows));
        Assert.Equal([0, 1, 2], one.Select(r => r.Chunk));
        Assert.Equal(Rows(one), Rows(two));
        Assert.Equal(one.SelectMany(r => r.Seeds), two.SelectMany(r => r.Seeds));
    }

    [Fact]
    public void Requests_OtherChunkSize_HaveTheSameRowsAndSeeds()
    {
        var small = Plan(Tiny.Recipe("ppo.chunkSize=2")).Requests(StageNames.Ppo, 1, 8, null);
        var large = Plan(Tiny.Recipe("ppo.chunkSize=8")).Requests(StageNames.Ppo, 1, 8, null);

        Assert.Equal((4, 1), (small.Length, large.Length));
        Assert.Equal(Rows(small), Rows(large));
        Assert.Equal(small.SelectMany(r => r.Seeds), large.SelectMany(r => r.Seeds));
    }

    [Fact]
    public void Requests_OtherIterationPurposeOrSeed_HaveOtherSeeds()
    {
        ulong[] Seeds(Recipe recipe, string purpose, int iteration) => [.. Plan(recipe).Requests(purpose, iteration, 8, null).SelectMany(r => r.Seeds)];

        ulong[][] all =
        [
            Seeds(Tiny.Recipe(), StageNames.Ppo, 0), Seeds(Tiny.Recipe(), StageNames.Ppo, 1), Seeds(Tiny.Recipe(), "normalize", 0),
            Seeds(Tiny.Recipe("seed=2"), StageNames.Ppo, 0),
        ];

        Assert.Equal(32, all.SelectMany(s => s).Distinct().Count());
    }

    [Fact]
    public void Records_SeveralSamplesPerPrompt_RepeatThePromptWithSeedsOfTheirOwn()
    {
        var plan = Plan(Tiny.Recipe("ppo.samplesPerPrompt=3"));

        var records = plan.Records(StageNames.Ppo, 0, 4);
        var requests = plan.Requests(StageNames.Ppo, 0, 4, null);

        Assert.Equal(12, records.Length);
        Assert.All(records.Chunk(3), c => Assert.Single(c.Distinct()));
        Assert.Equal(4, records.Distinct().Count());
        Assert.Equal(12, requests.SelectMany(r => r.Seeds).Distinct().Count());
        Assert.Equal(4, plan.Records("normalize", 0, 4).Length);
    }

    [Fact]
    public void Records_ConsecutiveIterations_CoverEveryPromptBeforeAnyComesAgain()
    {
        var plan = Plan(Tiny.Recipe());

        var ids = Enumerable.Range(0, 5).SelectMany(i => plan.Records(StageNames.Ppo, i, 8)).Select(r => r.Id).ToArray();

        Assert.Equal(20, ids[..20].Distinct().Count());
        Assert.Equal(20, ids[20..].Distinct().Count());
    }

    [Fact]
    public void Requests_Models_AreThoseOfTheRun()
    {
        var request = Plan(Tiny.Recipe()).Requests(StageNames.Ppo, 0, 8, Plans.Checkpoint("policy").Parameters)[0];

        Assert.Equal(
            ("policy", "sft", "reward"), (request.Policy.IdentityHash, request.Reference.IdentityHash, request.Reward!.IdentityHash));
    }

    private static string[] Rows(RolloutRequest[] requests) =>
        [.. requests.SelectMany(r => r.Prompts.ToRows()).Select(r => string.Join(' ', r.Prompt))];

    private static Vocabulary Load()
    {
        var folder = ModelFolder.Load(Tiny.ModelFolder);
        return new Vocabulary(folder.Tokenizer, folder.Config);
    }

    private RolloutPlan Plan(Recipe recipe, string run = "run-1", long epoch = 1) =>
        new(Plans.Run(recipe, run, epoch), Plans.Trained(), Prompts, _vocabulary);
}
