using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Training;

[Collection(ClusterCollection.Name)]
public sealed class RepeatTests(ClusterFixture fixture)
{
    private const string RunId = "undisturbed";
    private static readonly Recipe Recipe = Tiny.Recipe();

    [Theory]
    [InlineData(StageNames.Sft)]
    [InlineData(StageNames.Reward)]
    public async Task Train_Repeated_GivesTheSameCheckpoint(string stage)
    {
        var request = await TrainRequestAsync(stage);

        var first = await Train("again/0", request);
        var second = await Train("again/0", request);
        var elsewhere = await Train($"again/{Guid.NewGuid():N}", request);

        Assert.Equal(first.Checkpoint, second.Checkpoint);
        Assert.Equal(first.Checkpoint, elsewhere.Checkpoint);
        Assert.Equal(
            first.Metrics.SelectMany(m => m.Values), elsewhere.Metrics.SelectMany(m => m.Values));
        Assert.Contains(
            first.Checkpoint.Parameters.Hash, await BlobsAsync(stage, 0));
    }

    [Fact]
    public async Task Train_InOneBlockOrTwo_EndsAtTheSameCheckpoint()
    {
        var request = await TrainRequestAsync(StageNames.Sft);

        var whole = await Train("blocks/0", request with { Steps = 2 });
        var half = await Train("blocks/1", request with { Steps = 1 });
        var rest = await Train("blocks/2", request with { Start = half.Checkpoint, FirstStep = 1, Steps = 1 });

        Assert.Equal(whole.Checkpoint, rest.Checkpoint);
        Assert.NotEqual(half.Checkpoint.Parameters.Hash, rest.Checkpoint.Parameters.Hash);
    }

    [Fact]
    public async Task Learn_Repeated_GivesTheCommittedCheckpoint()
    {
        var request = await LearnRequestAsync(epoch: 1);

        var first = await Policy("learn/0").Learn(request, CancellationToken.None);
        var second = await Policy("learn/0").Learn(request, CancellationToken.None);
        var elsewhere = await Policy($"learn/{Guid.NewGuid():N}").Learn(request, CancellationToken.None);

        Assert.Equal(first.Checkpoint, second.Checkpoint);
        Assert.Equal(first.Checkpoint, elsewhere.Checkpoint);
        var committed = await BlobsAsync(StageNames.Ppo, 0);
        Assert.Contains(first.Checkpoint.Policy.Parameters.Hash, committed);
        Assert.Contains(first.Checkpoint.Policy.OptimizerHash, committed);
        Assert.Contains(first.Checkpoint.Critic.Parameters.Hash, committed);
        Assert.Contains(first.Checkpoint.Critic.OptimizerHash, committed);
    }

    [Fact]
    public async Task Train_OlderEpoch_IsRefused()
    {
        var request = await TrainRequestAsync(StageNames.Sft);
        await Policy("epochs/0").Train(request with { Epoch = 5 }, CancellationToken.None);

        var train = await Assert.ThrowsAsync<ProblemException>(() => Policy("epochs/0").Train(request with { Epoch = 4 }, CancellationToken.None));
        var learn = await Assert.ThrowsAsync<ProblemException>(
            async () => await Policy("epochs/0").Learn(await LearnRequestAsync(epoch: 4), CancellationToken.None));

        Assert.Equal(ErrorCodes.EpochLost, Assert.Single(train.Problems).Code);
        Assert.Equal(ErrorCodes.EpochLost, Assert.Single(learn.Problems).Code);
    }

    private IPolicyGrain Policy(string key) => fixture.Cluster.Grains.GetGrain<IPolicyGrain>(key);

    private Task<TrainBlockResult> Train(string key, TrainBlockRequest request) => request.Stage == StageNames.Reward
        ? fixture.Cluster.Grains.GetGrain<IRewardModelGrain>(key).Train(request, CancellationToken.None)
        : Policy(key).Train(request, CancellationToken.None);

    private async Task<string[]> BlobsAsync(string stage, int iteration) =>
        [.. (await fixture.Runs.GetBlobUsesAsync(RunId, CancellationToken.None)).Where(u => u.Stage == stage && u.Iteration == iteration).Select(u => u.Hash)];

    private async Task<TrainBlockRequest> TrainRequestAsync(string stage)
    {
        await fixture.UndisturbedAsync();
        var progress = await fixture.ProgressAsync(RunId);
        return new TrainBlockRequest
        {
            RunId = RunId,
            Epoch = 1,
            Stage = stage,
            RecipeJson = RecipeJson.Write(Recipe),
            Base = progress.Base!,
            InitialParameters = stage == StageNames.Reward ? progress.Sft!.Parameters : null,
            Dataset = progress.Datasets[stage],
            FirstStep = 0,
            Steps = stage == StageNames.Reward ? 2 : 1,
            TotalSteps = 2,
        };
    }

    /// <summary>The first PPO iteration's request, its experience generated anew.</summary>
    private async Task<LearnRequest> LearnRequestAsync(long epoch)
    {
        await fixture.UndisturbedAsync();
        var progress = await fixture.ProgressAsync(RunId);
        var run = new RunContext(RunId, epoch, Recipe, RecipeJson.Write(Recipe), (_, _) => Task.CompletedTask, CancellationToken.None);
        var prompts = await fixture.Cluster.Service<RunData>().ReadAsync(progress.Datasets[DataPlan.Prompts], CancellationToken.None);
        var vocabulary = await fixture.Cluster.Service<Vocabularies>().GetAsync(progress.Base!, CancellationToken.None);
        var requests = new RolloutPlan(run, progress, prompts, vocabulary).Requests(StageNames.Ppo, 0, Recipe.Ppo!.RolloutBatchSize, progress.Sft!.Parameters);
        var experience = await Task.WhenAll(requests.Select(
            (r, i) => fixture.Cluster.Grains.GetGrain<IRolloutGrain>($"{RunId}/any-{i}").Generate(r, CancellationToken.None)));
        return new LearnRequest
        {
            RunId = RunId,
            Epoch = epoch,
            Iteration = 0,
            RecipeJson = run.RecipeJson,
            Base = progress.Base!,
            Sft = progress.Sft.Parameters,
            Reward = progress.Reward!.Parameters,
            Normalization = progress.Normalization!,
            KlCoef = Recipe.Ppo.KlCoef,
            Experience = experience,
        };
    }
}
