using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Client.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class RunHandleTests(ClusterFixture fixture)
{
    private readonly ClinicalGptClient _client = fixture.Client;

    [Fact]
    public async Task StartRunAsync_NoId_MakesOneFromTheName()
    {
        var run = await _client.StartRunAsync(TestRecipe.Make());

        Assert.Matches("^my-recipe-[a-z0-9]{6}$", run.RunId);
        Assert.Equal(TestRecipe.Make().Sft, (await run.GetRecipeAsync()).Sft, (a, b) => RecipeText(a) == RecipeText(b));
    }

    [Fact]
    public async Task StartRunAsync_SameIdAgain_IsTheSameRunOrRefused()
    {
        var first = await _client.StartRunAsync(TestRecipe.Make(), "twice");
        var second = await _client.StartRunAsync(TestRecipe.Make(), "twice");
        var other = await Assert.ThrowsAsync<ProblemException>(() => _client.StartRunAsync(TestRecipe.Make(epochs: 2), "twice"));

        Assert.Equal(first.RunId, second.RunId);
        Assert.Equal(new Problem(ErrorCodes.RunIdTaken, "exists with another recipe", Key: "runId"), other.Problems.Single());
    }

    [Fact]
    public async Task StartRunAsync_ImpossibleRecipe_IsRefusedBeforeSending()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => _client.StartRunAsync(TestRecipe.Make(epochs: 0), "impossible"));

        Assert.Equal("sft.epochs", e.Problems.Single().Key);
        Assert.False(Script.Recipes.ContainsKey("impossible"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("-x")]
    [InlineData("a b")]
    public void GetRun_ImpossibleId_IsRefused(string id) =>
        Assert.Equal(ErrorCodes.SettingInvalid, Assert.Throws<ProblemException>(() => _client.GetRun(id)).Problems.Single().Code);

    [Fact]
    public async Task StartRunAsync_SiloLostOnce_TriesAgain()
    {
        Script.Errors["lost-once"] = new([new SiloUnavailableException("gone"), new TimeoutException()]);

        var run = await _client.StartRunAsync(TestRecipe.Make(), "lost-once");

        Assert.True(Script.Recipes.ContainsKey(run.RunId));
    }

    [Fact]
    public async Task DescribeAsync_SilosStayLost_SaysTheClusterIsUnreachable()
    {
        Script.Errors["lost"] = new(Enumerable.Range(0, 100).Select(_ => new SiloUnavailableException("gone")));

        var e = await Assert.ThrowsAsync<ProblemException>(() => _client.GetRun("lost").DescribeAsync());

        Assert.Equal(ErrorCodes.ClusterUnreachable, e.Problems.Single().Code);
    }

    [Fact]
    public async Task DescribeAsync_UnknownRun_PassesTheGrainsProblemOn()
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => _client.GetRun("unknown").DescribeAsync());

        Assert.Equal(new Problem(ErrorCodes.RunUnknown, "no such run", Key: "unknown"), e.Problems.Single());
    }

    [Fact]
    public async Task WaitAsync_FailedRun_ReturnsTheSnapshotWithItsReason()
    {
        var reason = new Problem(ErrorCodes.NonFinite, "the loss is not finite");
        Script.Snapshots["failing"] = new([Snapshot(1), Snapshot(2), Snapshot(3, RunStatus.Failed) with { Reason = reason }]);

        var last = await _client.GetRun("failing").WaitAsync();

        Assert.Equal((RunStatus.Failed, reason), (last.Status, last.Reason));
    }

    [Fact]
    public async Task WatchAsync_RepeatedSnapshots_YieldsChangesAndEndsAfterTheLast()
    {
        Script.Snapshots["watched"] = new(
            [Snapshot(1), Snapshot(1), Snapshot(2), Snapshot(2), Snapshot(2) with { Epoch = 1 }, Snapshot(3, RunStatus.Completed)]);

        var seen = new List<(long, long)>();
        await foreach (var snapshot in _client.GetRun("watched").WatchAsync(TimeSpan.FromMilliseconds(1)))
        {
            seen.Add((snapshot.Epoch, snapshot.Version));
        }

        Assert.Equal([(0, 1), (0, 2), (1, 2), (0, 3)], seen);
    }

    [Fact]
    public async Task WaitAsync_Cancelled_Stops()
    {
        Script.Snapshots["endless"] = new([Snapshot(1)]);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _client.GetRun("endless").WaitAsync(cancel.Token));
    }

    [Fact]
    public async Task Controls_EachOne_ReachesTheRun()
    {
        var run = _client.GetRun("controlled");

        Assert.Equal(RunStatus.Pausing, (await run.PauseAsync()).Status);
        Assert.Equal(RunStatus.Running, (await run.ResumeAsync()).Status);
        Assert.Equal(RunStatus.Cancelled, (await run.StopAsync()).Status);
    }

    [Fact]
    public async Task History_EachQuery_CarriesItsArguments()
    {
        var run = _client.GetRun("told");

        var iteration = Assert.Single(await run.GetIterationsAsync("ppo", 7));
        var sample = Assert.Single(await run.GetSamplesAsync(new SampleQuery { FromIteration = 3, Limit = 5 }));

        Assert.Equal(("told/ppo", 7, 1.5), (iteration.Stage, iteration.Iteration, iteration.Metrics["objective/kl"]));
        Assert.Equal(("told", 3, 5), (sample.RecordId, sample.Iteration, sample.Index));
        Assert.Equal("told", Assert.Single(await run.GetEvaluationsAsync()).Name);
        Assert.Equal("told", Assert.Single(await run.GetEventsAsync()).Detail);
        Assert.Equal("limit-9", Assert.Single(await _client.ListRunsAsync(9)).RunId);
    }

    private static RunSnapshot Snapshot(long version, RunStatus status = RunStatus.Running) =>
        new() { RunId = "r", Version = version, Status = status };

    private static string RecipeText(SftOptions? sft) => RecipeJson.Write(TestRecipe.Make() with { Sft = sft });
}
