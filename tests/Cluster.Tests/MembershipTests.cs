using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Silos come and go while a run is at work: newcomers get work, the drained leave without repeating any, and the
/// outcome is the same.</summary>
[Collection(ClusterCollection.Name)]
public sealed class MembershipTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Join_RolloutSiloInTheMiddle_GetsWorkWithinOneIteration()
    {
        var reference = await postgres.LongerReferenceAsync();
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(PostgresFixture.Longer), "run");

        await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        var newcomer = cluster.Add("rollout");
        await cluster.StartSilosAsync();
        var joined = await run.DescribeAsync();
        var outcome = await cluster.CompleteAsync(run);

        outcome.RequireSameAs(reference);
        Assert.Equal(0, outcome.Repetitions);
        Assert.Equal(StageNames.Ppo, joined.Stage);
        var first = cluster.Silos[1].LogLines().First(l => l.Contains("Device job", StringComparison.Ordinal) && l.Contains("generate", StringComparison.Ordinal));
        Assert.True(
            Enumerable.Range(0, joined.Iteration + 2).Any(i => first.Contains($"generate {i}/", StringComparison.Ordinal)),
            $"{newcomer.Name} joined in iteration {joined.Iteration}; its first work was: {first}");
    }

    [Fact]
    public async Task Drain_SiloThatCarriesTheRunAndOneThatJoined_NothingIsRepeated()
    {
        var reference = await postgres.LongerReferenceAsync();
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(PostgresFixture.Longer), "run");

        var at = await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await DrainAsync(cluster, at.Silo);
        cluster.Add(TestCluster.AllRoles);
        await cluster.Silos[2].StartAndWaitAsync();
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
