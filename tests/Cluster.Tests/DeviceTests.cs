using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Native code hangs or aborts: its silo is lost, nothing else, and a run that does it again and again ends.</summary>
[Collection(ClusterCollection.Name)]
public sealed class DeviceTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Hang_DeviceCallPastItsDeadline_EndsItsSiloAndAnotherGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, new TestClusterOptions
        {
            Roles = [TestCluster.AllRoles, TestCluster.AllRoles],
            Failpoint = "device@ppo learn 1=halt",
            Environment = new Dictionary<string, string> { ["Device__CallDeadline"] = "00:00:10" },
        });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (hung, _) = await cluster.UntilFiredAsync();
        await hung.WaitEndAsync();

        Assert.Contains(hung.LogLines(), l => l.Contains("past its deadline", StringComparison.Ordinal));
        var outcome = await cluster.CompleteAsync(run);
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(2, outcome.Attempts["ppo/1"]);
    }

    [Fact]
    public async Task Abort_InOneSilosNativeCode_CostsThatSiloOnly()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles, TestCluster.AllRoles], Failpoint = "device@ppo learn 1=abort" });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (aborted, _) = await cluster.UntilFiredAsync();
        await aborted.WaitEndAsync();

        var outcome = await cluster.CompleteAsync(run);
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(134, aborted.ExitCode);
        Assert.Equal(1, cluster.Silos.Count(s => s.IsRunning));
    }

    [Fact]
    public async Task Abort_InEveryAttempt_EndsTheRunAsCrashLoopAndResumeGoesOnOnceTheCauseIsGone()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles], Failpoint = "device@ppo learn 1=abort*3" });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            await (await cluster.UntilFiredAsync(attempt)).Silo.WaitEndAsync();
            await cluster.StartSilosAsync();
        }

        var failed = await cluster.UntilAsync(run, "the end", s => s.IsTerminal);
        Assert.Equal(RunStatus.Failed, failed.Status);
        Assert.Equal(ErrorCodes.CrashLoop, failed.Reason!.Code);
        Assert.Contains("ppo iteration 1", failed.Reason.Message, StringComparison.Ordinal);
        Assert.Contains("learn (32 sequences)", failed.Reason.Message, StringComparison.Ordinal);

        await run.ResumeAsync();
        (await cluster.CompleteAsync(run)).RequireSameAs(await postgres.ReferenceAsync());
    }
}
