using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Messages;
using Xunit.Abstractions;

namespace ClinicalGpt.Orleans.Cluster.Tests;

[Collection(ClusterTests.Name)]
public sealed class KillTests(PostgresFixture postgres, ITestOutputHelper output)
{
    [Theory]
    [InlineData("sft", "train")]
    [InlineData("reward", "train")]
    [InlineData("ppo", "generate")]
    [InlineData("ppo", "learn")]
    [InlineData("evaluate", "")]
    public async Task Run_OnlySiloKilledAndStartedAgain_SameBytes(string stage, string phase)
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(1));
        var run = await cluster.SubmitAsync("killed");
        await cluster.WaitUntilAsync(run, $"{stage} {phase}", s => s.Stage == stage && (phase.Length == 0 || s.Phase == phase));
        cluster.Silos["silo-1"].Kill();
        await cluster.Silos["silo-1"].StartAsync();

        var outcome = await cluster.FinishAsync(run);
        outcome.AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
        Assert.True(outcome.Epoch > 1, "nothing was taken up again: the kill came too late");
    }

    [Fact]
    public async Task Run_ItsSiloAmongThreeKilled_SameBytesWithoutAClient()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(3));
        var run = await cluster.SubmitAsync("carrier");
        var seen = await cluster.WaitUntilAsync(run, "ppo 1", s => s.Stage == "ppo" && s.Iteration == 1);
        cluster.Silos[seen.Silo].Kill();

        var outcome = await cluster.FinishAsync(run);
        outcome.AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
        Assert.True(outcome.Epoch > 1, "nothing was taken up again");
    }

    [Fact]
    public async Task Run_EverySiloKilledAndClientGone_GoesOnByItself()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(2));
        var run = await cluster.SubmitAsync("all");
        await cluster.WaitUntilAsync(run, "ppo 1", s => s.Stage == "ppo" && s.Iteration == 1);
        await cluster.DisconnectAsync();
        foreach (var silo in cluster.Silos.Values)
        {
            silo.Kill();
        }

        await Task.WhenAll(cluster.Silos.Values.Select(s => s.StartAsync()));
        var clock = Stopwatch.StartNew();
        await Wait.UntilAsync(
            "the run is taken up under epoch 2 with no client connected", TimeSpan.FromSeconds(60),
            () => Task.FromResult(cluster.Logs.Contains("taken up under epoch 2", StringComparison.Ordinal)), () => cluster.Logs);
        output.WriteLine($"resumed {clock.Elapsed.TotalSeconds:F1} s after the silos were back");

        var outcome = await cluster.FinishAsync((await cluster.ClientAsync()).GetRun("all"));
        outcome.AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
    }

    [Fact]
    public async Task Run_PostgresKilledAndRestarted_SameBytes()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(1));
        var run = await cluster.SubmitAsync("database");
        await cluster.WaitUntilAsync(run, "ppo 1", s => s.Stage == "ppo" && s.Iteration == 1);
        await postgres.Server.KillAsync();
        await postgres.Server.RestartAsync();

        (await cluster.FinishAsync(run)).AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
    }

    [Fact]
    public async Task Run_PausedAndResumed_SameBytes()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(1));
        var run = await cluster.SubmitAsync("paused");
        await cluster.WaitUntilAsync(run, "ppo", s => s.Stage == "ppo");
        await run.PauseAsync();
        await cluster.WaitUntilAsync(run, "paused", s => s.Status == RunStatus.Paused);
        await run.ResumeAsync();

        (await cluster.FinishAsync(run)).AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
    }
}
