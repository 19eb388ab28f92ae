using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>The only silo halts at a named place, is killed there, and comes back: the iteration is begun a second time
/// and everything ends as if nothing had happened.</summary>
[Collection(ClusterCollection.Name)]
public sealed class FailpointTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("device@sft step 5", "sft/1")]
    [InlineData("device@reward step 2", "reward/0")]
    [InlineData("device@generate 1/2", "ppo/1")]
    [InlineData("device@reward scores", "ppo/0")]
    [InlineData("device@ppo learn 2", "ppo/2")]
    [InlineData("stored@ppo 1", "ppo/1")]
    [InlineData("commit@ppo 1", "ppo/1")]
    [InlineData("device@evaluate base/", "evaluate/0")]
    public async Task Kill_AtFailpoint_IterationIsRepeatedWithTheSameOutcome(string place, string iteration)
    {
        var outcome = await KillAtAsync(place);

        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.True(outcome.Attempts[iteration] == 2, $"{iteration} was begun {outcome.Attempts[iteration]} times");
        Assert.Equal(1, outcome.Repetitions);
        Assert.Equal(2, outcome.Epoch);
    }

    [Fact]
    public async Task Kill_AfterTheCommitBeforeAnyoneIsTold_NothingIsRepeated()
    {
        var outcome = await KillAtAsync("committed@ppo 1");

        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(0, outcome.Repetitions);
        Assert.Equal(2, outcome.Epoch);
    }

    [Fact]
    public async Task Kill_BetweenARunsCreationAndItsLoop_RunStartsByItself()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles], Failpoint = "created=halt" });
        var submitting = cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        await (await cluster.UntilFiredAsync()).Silo.KillAsync();
        await cluster.DisconnectAsync();
        await Task.WhenAny(submitting);
        await cluster.StartSilosAsync();

        (await cluster.CompleteByItselfAsync("run")).RequireSameAs(await postgres.ReferenceAsync());
    }

    [Fact]
    public async Task Kill_DuringAnExport_NothingHalfWrittenAndTheNextExportIsWhole()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles], Failpoint = "export@tokenizer.json=halt" });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        await cluster.CompleteAsync(run);

        var folder = Path.Combine(cluster.Folder, "exported");
        var export = run.ExportAsync(ExportFormat.HuggingFace, folder);
        await (await cluster.UntilFiredAsync()).Silo.KillAsync();
        await cluster.StartSilosAsync();
        var files = await SucceedAsync(export, () => run.ExportAsync(ExportFormat.HuggingFace, folder));

        Assert.Contains(files, f => f.EndsWith("model.safetensors", StringComparison.Ordinal));
        Assert.Equal([folder], Directory.GetFileSystemEntries(cluster.Folder, "exported*"));
        (await RunOutcome.ReadAsync(cluster.Store, "run")).RequireSameAs(await postgres.ReferenceAsync());
    }

    /// <summary>The interrupted export either goes on by itself or fails; then it is asked for again.</summary>
    private static async Task<IReadOnlyList<string>> SucceedAsync(
        Task<IReadOnlyList<string>> first, Func<Task<IReadOnlyList<string>>> again)
    {
        await Task.WhenAny(first);
        return first.IsCompletedSuccessfully ? await first : await again();
    }

    private async Task<RunOutcome> KillAtAsync(string place)
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles], Failpoint = $"{place}=halt" });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        await (await cluster.UntilFiredAsync()).Silo.KillAsync();
        await cluster.StartSilosAsync();
        return await cluster.CompleteAsync(run);
    }
}
