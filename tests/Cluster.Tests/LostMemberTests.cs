using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;
using Xunit.Abstractions;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>One of several silos is lost where it hurts most: the others go on, with the same outcome.</summary>
[Collection(ClusterCollection.Name)]
public sealed class LostMemberTests(PostgresFixture postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Kill_SiloThatCarriesTheRun_RunGoesOnElsewhereWithNoClientConnected()
    {
        await using var cluster = await StartAsync("stored@ppo 1=halt", TestCluster.AllRoles, TestCluster.AllRoles, TestCluster.AllRoles);
        await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (victim, _) = await cluster.UntilFiredAsync();
        await cluster.DisconnectAsync();

        var others = cluster.Silos.Where(s => s != victim).ToDictionary(s => s, s => s.LogLines().Length);
        await victim.KillAsync();
        var since = Stopwatch.StartNew();
        await cluster.UntilTensorWorkAsync(others);
        output.WriteLine($"tensor work resumed {since.Elapsed.TotalSeconds:0.0} s after the death of the run's silo, no client connected");

        var outcome = await cluster.CompleteByItselfAsync("run");
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(2, outcome.Attempts["ppo/1"]);
    }

    [Fact]
    public async Task Kill_OnlyPolicySilo_RunWaitsForAnotherAndRepeatsTheIteration()
    {
        await using var cluster = await StartAsync("device@ppo learn 1=halt", "policy", "reference,reward,rollout");
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (victim, _) = await cluster.UntilFiredAsync();
        await victim.KillAsync();
        await cluster.StartSilosAsync();

        var outcome = await cluster.CompleteAsync(run);
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(2, outcome.Attempts["ppo/1"]);
    }

    [Fact]
    public async Task Kill_RolloutSilo_ItsChunkIsDealtAgainWithinTheIteration()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, new TestClusterOptions
        {
            Roles = [TestCluster.AllRoles, "rollout"],
            Failpoint = "device@generate 1/=halt",
            FailpointOn = "silo-2",
        });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (victim, _) = await cluster.UntilFiredAsync();
        await victim.KillAsync();

        (await cluster.CompleteAsync(run)).RequireSameAs(await postgres.ReferenceAsync());
    }

    [Fact]
    public async Task Stop_SiloThatCarriesTheRun_RunMovesWithTheSameOutcome()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        var at = await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await cluster.Silo(at.Silo).StopAsync();
        var outcome = await cluster.CompleteAsync(run);

        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(0, cluster.Silo(at.Silo).ExitCode);
        Assert.True(outcome.Epoch > at.Epoch, $"epoch {outcome.Epoch}");
    }

    [Fact]
    public async Task Freeze_SiloAboutToCommit_ItCanNeitherCommandNorCommitWhenItWakes()
    {
        await using var cluster = await StartAsync("stored@ppo 1=wait", TestCluster.AllRoles, TestCluster.AllRoles, TestCluster.AllRoles);
        await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (frozen, token) = await cluster.UntilFiredAsync();
        var before = await cluster.Store.FindAsync("run", CancellationToken.None);
        await cluster.DisconnectAsync();

        frozen.Freeze();
        var since = Stopwatch.StartNew();
        await cluster.UntilStoredAsync("run", "work elsewhere", r => r.Epoch > before!.Epoch);
        output.WriteLine($"taken up elsewhere {since.Elapsed.TotalSeconds:0.0} s after the silo froze");
        // From here it goes on where it stopped: with the commit of an iteration that another has taken over.
        TestCluster.GoOn(token);
        frozen.Thaw();

        var outcome = await cluster.CompleteByItselfAsync("run");
        await frozen.WaitEndAsync();
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(2, outcome.Attempts["ppo/1"]);
    }

    private Task<TestCluster> StartAsync(string failpoint, params string[] roles) =>
        TestCluster.StartAsync(postgres.Server, new TestClusterOptions { Roles = roles, Failpoint = failpoint });
}
