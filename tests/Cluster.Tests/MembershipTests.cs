using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Silos come and go while a run is at work: newcomers get work, the drained leave without repeating any, and the
/// outcome is the same.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MembershipTests(PostgresFixture postgres)
{
    // As many iterations as there are left to do on each of three silos.
    private const string Longer = "ppo.iterations=24";

    [Fact]
    public async Task Join_RolloutSiloInTheMiddle_GetsWorkOfTheIterationInProgress()
    {
        // The only silo is held in a chunk of iteration 1 until the newcomer has begun another.
        await using var cluster = await TestCluster.StartAsync(postgres.Server, new TestClusterOptions
        {
            Roles = [TestCluster.AllRoles],
            Failpoint = "device@generate 1/0=wait",
            FailpointOn = "silo-1",
        });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (_, token) = await cluster.UntilFiredAsync();
        var newcomer = cluster.Add("rollout");
        await cluster.StartSilosAsync();
        await cluster.UntilLoggedAsync(newcomer, "generate 1/", 1);
        TestCluster.GoOn(token);

        var outcome = await cluster.CompleteAsync(run);
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(0, outcome.Repetitions);
    }

    [Fact]
    public async Task Drain_SiloThatCarriesTheRunAndOneThatJoined_NothingIsRepeated()
    {
        var reference = await postgres.RunUndisturbedAsync(Longer);
        // The run is held in the middle until the third silo is there.
        await using var cluster = await TestCluster.StartAsync(postgres.Server, new TestClusterOptions
        {
            Roles = [TestCluster.AllRoles, TestCluster.AllRoles],
            Failpoint = "device@generate 14/=wait",
        });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(Longer), "run");

        var at = await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await DrainAsync(cluster, at.Silo);
        cluster.Add(TestCluster.AllRoles);
        await cluster.Silos[2].StartAndWaitAsync();
        var (_, token) = await cluster.UntilFiredAsync();
        TestCluster.GoOn(token);
        var moved = await run.DescribeAsync();
        await DrainAsync(cluster, moved.Silo);
        var outcome = await cluster.CompleteAsync(run);

        outcome.RequireSameAs(reference);
        Assert.NotEqual(at.Silo, moved.Silo);
        Assert.True(outcome.Repetitions == 0, $"{outcome.Repetitions} repetitions\n{string.Join('\n', cluster.Silos.SelectMany(x => x.LogLines()).Where(l => !l.Contains("chunk") && !l.Contains("Device job")))}");
        Assert.Equal(3, outcome.Epoch);
    }

    private static async Task DrainAsync(TestCluster cluster, string name)
    {
        await cluster.Grains.GetGrain<IDeviceGrain>($"device@{name}").Drain();
        await cluster.Silo(name).WaitEndAsync();
        Assert.Equal(0, cluster.Silo(name).ExitCode);
    }
}
