using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>The same recipe ends with the same bytes however many silos carry it, and whatever their roles are.</summary>
[Collection(ClusterCollection.Name)]
public sealed partial class SameOutcomeTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Run_AnotherSeed_HasAnotherOutcome()
    {
        var reference = await postgres.ReferenceAsync();

        var other = await postgres.RunUndisturbedAsync("seed=2");

        Assert.Equal(0, reference.Repetitions);
        Assert.Equal(1, reference.Epoch);
        Assert.NotEqual(reference.FinalHash, other.FinalHash);
    }

    [Fact]
    public async Task Run_ThreeSilos_HasTheSameOutcome()
    {
        var reference = await postgres.ReferenceAsync();
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, TestCluster.AllRoles, TestCluster.AllRoles, TestCluster.AllRoles);

        var outcome = await cluster.CompleteAsync(await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run"));

        outcome.RequireSameAs(reference);
        Assert.True(Calls(cluster).Select(c => c.Generated).Distinct().Count() > 1, "all chunks were generated on one silo");
    }

    [Fact]
    public async Task Run_RolesSplitOverTwoSilos_CallsCrossProcessesAndHaveTheSameOutcome()
    {
        var reference = await postgres.ReferenceAsync();
        await using var cluster = await TestCluster.StartAsync(postgres.Server, "policy,rollout", "reference,reward");

        var outcome = await cluster.CompleteAsync(await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run"));

        outcome.RequireSameAs(reference);
        var calls = Calls(cluster);
        Assert.NotEmpty(calls);
        Assert.All(calls, c => Assert.Equal(("silo-1", "silo-2", "silo-2"), (c.Generated, c.Reference, c.Reward)));
    }

    private static List<(string Generated, string Reference, string Reward)> Calls(TestCluster cluster) =>
    [
        .. from line in cluster.Silos.SelectMany(s => s.LogLines())
           let match = GeneratedLine().Match(line)
           where match.Success
           select (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value),
    ];

    [GeneratedRegex(@"iteration \d+ chunk \d+: generated on (\S+), reference on (\S+), reward on (\S+)")]
    private static partial Regex GeneratedLine();
}
