using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>What a person does to a run from outside.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RunControlTests(PostgresFixture postgres)
{
    [Fact]
    public async Task PauseAsync_DuringPpo_ChangesNothingButTheTime()
    {
        var reference = await postgres.ReferenceAsync();
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await run.PauseAsync();
        await cluster.UntilAsync(run, "pause", s => s.Status == RunStatus.Paused);
        await cluster.Silos[0].KillAsync();
        await cluster.StartSilosAsync();
        var paused = await run.DescribeAsync();
        await run.ResumeAsync();
        var outcome = await cluster.CompleteAsync(run);

        Assert.Equal(RunStatus.Paused, paused.Status);
        outcome.RequireSameAs(reference);
        Assert.Equal(0, outcome.Repetitions);
    }

    [Fact]
    public async Task StopAsync_DuringPpo_KeepsWhatIsCommittedAndEndsTheRun()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await run.StopAsync();
        var last = await run.WaitAsync();
        var resume = await Assert.ThrowsAsync<ProblemException>(() => run.ResumeAsync());
        var committed = await run.GetIterationsAsync();

        Assert.Equal(RunStatus.Cancelled, last.Status);
        Assert.Equal(ErrorCodes.RunStateConflict, resume.Problems[0].Code);
        Assert.Contains(committed, i => i.Stage == StageNames.Ppo && i.Iteration == 0);
        Assert.DoesNotContain(committed, i => i.Stage == StageNames.Ppo && i.Iteration > 1);
    }

    [Fact]
    public async Task StartRunAsync_SameIdAnotherRecipe_IsRefused()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => cluster.Client.StartRunAsync(MicroRecipe.Read("seed=2"), "run"));
        var again = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        Assert.Equal(ErrorCodes.RunIdTaken, refused.Problems[0].Code);
        Assert.Equal(run.RunId, again.RunId);
        Assert.Equal(1, (await again.DescribeAsync()).Epoch);
    }
}
