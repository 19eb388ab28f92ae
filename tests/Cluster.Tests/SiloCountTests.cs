namespace ClinicalGpt.Orleans.Cluster.Tests;

[Collection(ClusterTests.Name)]
public sealed class SiloCountTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Run_OtherSeed_EndsInOtherWeights()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(1));
        var outcome = await cluster.FinishAsync(await cluster.SubmitAsync("other-seed", "seed=2"));
        Assert.NotEqual((await postgres.Undisturbed.OutcomeAsync()).FinalHash, outcome.FinalHash);
    }

    [Fact]
    public async Task Run_ThreeSilos_SameBytesAndSeveralWorkers()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(3));
        var outcome = await cluster.FinishAsync(await cluster.SubmitAsync("three"));
        outcome.AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
        var workers = cluster.Silos.Values.Count(s => s.Log.Contains($"generated on {s.Name}", StringComparison.Ordinal));
        Assert.True(workers > 1, $"only {workers} silo generated:{Environment.NewLine}{cluster.Logs}");
    }

    [Fact]
    public async Task Run_RolesSplitOverTwoSilos_SameBytesAndCallsCrossProcesses()
    {
        await using var cluster = await SiloCluster.StartAsync(
            postgres, ("learner", "policy,rollout"), ("judge", "reference,reward"));
        var outcome = await cluster.FinishAsync(await cluster.SubmitAsync("split"));
        outcome.AssertSameAs(await postgres.Undisturbed.OutcomeAsync());
        Assert.Contains(
            "iteration 0 chunk 0: generated on learner, reference on judge, reward on judge", cluster.Silos["learner"].Log, StringComparison.Ordinal);
    }
}
