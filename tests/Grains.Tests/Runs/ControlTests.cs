using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class ControlTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Resume_AfterPauses_EndsWithTheHashOfAnUndisturbedRun()
    {
        var undisturbed = await fixture.UndisturbedAsync();
        var run = await fixture.Client.StartRunAsync(Tiny.Recipe(), "paused");

        // At the first boundary there is, and again amid PPO.
        await PauseAsync(run);
        var early = await fixture.Runs.GetProgressAsync("paused", CancellationToken.None);
        await run.ResumeAsync();
        await ClusterFixture.WaitAsync(run, s => s is { Stage: StageNames.Ppo, Iteration: >= 1 });
        await PauseAsync(run);
        var late = await fixture.ProgressAsync("paused");
        await run.ResumeAsync();
        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);

        Assert.True(early is null || early.Stage is StageNames.Data or StageNames.Sft, early?.Stage);
        Assert.NotNull(late.Ppo);
        Assert.Equal(RunStatus.Completed, end.Status);
        Assert.Equal(undisturbed.FinalHash, end.FinalHash);
        Assert.All(await run.GetIterationsAsync(), i => Assert.Equal(1, i.Attempts));
    }

    [Fact]
    public async Task Resume_RightAfterPause_GoesOn()
    {
        var run = await fixture.Client.StartRunAsync(Tiny.Training("ppo=null", "reward=null"), "hesitating");
        for (var i = 0; i < 5; i++)
        {
            var snapshot = await run.DescribeAsync();
            if (snapshot.IsTerminal)
            {
                break;
            }

            try
            {
                await run.PauseAsync();
            }
            catch (ProblemException e) when (e.Problems[0].Code == ErrorCodes.RunStateConflict)
            {
                break;
            }

            await run.ResumeAsync();
        }

        Assert.Equal(RunStatus.Completed, (await ClusterFixture.WaitAsync(run, s => s.IsTerminal)).Status);
    }

    [Fact]
    public async Task Stop_RunningRun_CancelsItForGood()
    {
        var run = await fixture.Client.StartRunAsync(Tiny.Recipe("ppo.iterations=100"), "stopped");
        await ClusterFixture.WaitAsync(run, s => s.Stage == StageNames.Sft);

        await run.StopAsync();
        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);
        var committed = await run.GetIterationsAsync();

        Assert.Equal(RunStatus.Cancelled, end.Status);
        Assert.Equal(RunStatus.Cancelled, (await fixture.Runs.FindAsync("stopped", CancellationToken.None))!.Status);
        await RefusedAsync(() => run.ResumeAsync());
        await RefusedAsync(() => run.PauseAsync());
        Assert.Equal(RunStatus.Cancelled, (await run.StopAsync()).Status);
        Assert.Equal(committed.Count, (await run.GetIterationsAsync()).Count);
    }

    [Fact]
    public async Task Stop_PausedRun_CancelsIt()
    {
        var run = await fixture.Client.StartRunAsync(Tiny.Recipe(), "paused-stopped");
        await PauseAsync(run);

        await run.StopAsync();

        Assert.Equal(RunStatus.Cancelled, (await ClusterFixture.WaitAsync(run, s => s.IsTerminal)).Status);
    }

    [Fact]
    public async Task Pause_CompletedRun_IsRefused()
    {
        await fixture.UndisturbedAsync();

        await RefusedAsync(() => fixture.Client.GetRun("undisturbed").PauseAsync());
        await RefusedAsync(() => fixture.Client.GetRun("undisturbed").StopAsync());
    }

    [Fact]
    public async Task Describe_UnknownRun_IsRefused()
    {
        var refused = await Assert.ThrowsAsync<ProblemException>(() => fixture.Client.GetRun("never-started").DescribeAsync());

        Assert.Equal(ErrorCodes.RunUnknown, Assert.Single(refused.Problems).Code);
    }

    [Fact]
    public async Task Rollout_DamagedPolicyBlob_FailsTheRunAndResumeGoesOnOnceItIsRestored()
    {
        var undisturbed = await fixture.UndisturbedAsync();

        // Another seed: parameters of the undisturbed run may be on the device already, and are not read again.
        var recipe = Tiny.Training("seed=77");
        var whole = await fixture.RunAsync("seed-77", recipe with { Name = "whole" });
        var fresh = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1);
        await using (fresh)
        {
            var run = await fixture.Client.StartRunAsync(recipe, "damaged");
            await ClusterFixture.WaitAsync(run, s => s is { Stage: StageNames.Ppo, Iteration: >= 1 });
            await PauseAsync(run);
            var policy = (await fixture.ProgressAsync("damaged")).Ppo!.Policy.Parameters.Hash;
            await fixture.FlipByteAsync(policy, 5000);

            // A cluster that has nothing in memory.
            var elsewhere = fresh.Client.GetRun("damaged");
            await elsewhere.ResumeAsync();
            var failed = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);
            await fixture.FlipByteAsync(policy, 5000);
            await elsewhere.ResumeAsync();
            var end = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);

            Assert.Equal((RunStatus.Failed, ErrorCodes.BlobDamaged), (failed.Status, failed.Reason?.Code));
            Assert.Equal((RunStatus.Completed, whole.FinalHash), (end.Status, end.FinalHash));
            Assert.NotEqual(undisturbed.FinalHash, end.FinalHash);
        }
    }

    private static async Task PauseAsync(RunHandle run)
    {
        await run.PauseAsync();
        await ClusterFixture.WaitAsync(run, s => s.Status == RunStatus.Paused);
    }

    private static async Task RefusedAsync(Func<Task<RunSnapshot>> call) =>
        Assert.Equal(ErrorCodes.RunStateConflict, Assert.Single((await Assert.ThrowsAsync<ProblemException>(call)).Problems).Code);
}
