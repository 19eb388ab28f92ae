using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

/// <summary>Storage that fails beneath a run: the run waits or fails visibly, and ends as if nothing had happened.</summary>
[Collection(ClusterCollection.Name)]
public sealed class StorageTroubleTests(ClusterFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_DatabaseCannotBeWritten_WaitsVisiblyAndGoesOnByItself()
    {
        var undisturbed = await fixture.UndisturbedAsync();
        var run = await fixture.Client.StartRunAsync(Tiny.Recipe(), "unwritable");
        await ClusterFixture.WaitAsync(run, s => s.Stage == StageNames.Ppo);

        RunSnapshot waiting;
        await SetReadOnlyAsync("on");
        try
        {
            waiting = await ClusterFixture.WaitAsync(run, s => s.Reason?.Code == ErrorCodes.DatabaseUnwritable);
        }
        finally
        {
            await SetReadOnlyAsync("off");
        }

        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);
        Assert.Equal(RunStatus.Running, waiting.Status);
        Assert.Contains("goes on by itself", waiting.Reason!.Message, StringComparison.Ordinal);
        Assert.Equal((RunStatus.Completed, undisturbed.FinalHash), (end.Status, end.FinalHash));
        Assert.All(await run.GetIterationsAsync(), i => Assert.Equal(1, i.Attempts));
        await AssertHistoryIsWholeAsync(run);
    }

    [Fact]
    public async Task Run_SchemaMigratedByANewerProgram_FailsAndResumeGoesOn()
    {
        var undisturbed = await fixture.UndisturbedAsync();
        var run = await fixture.Client.StartRunAsync(Tiny.Recipe(), "newer-schema");
        await ClusterFixture.WaitAsync(run, s => s.Stage == StageNames.Ppo);

        RunSnapshot failed;
        await fixture.ExecuteAsync("INSERT INTO clinicalgpt.schema_version (version, name) VALUES (999, 'future')");
        try
        {
            failed = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);
        }
        finally
        {
            await fixture.ExecuteAsync("DELETE FROM clinicalgpt.schema_version WHERE version = 999");
        }

        await run.ResumeAsync();
        var end = await ClusterFixture.WaitAsync(run, s => s.IsTerminal);
        Assert.Equal((RunStatus.Failed, ErrorCodes.SchemaTooNew), (failed.Status, failed.Reason?.Code));
        Assert.Equal((RunStatus.Completed, undisturbed.FinalHash), (end.Status, end.FinalHash));
        await AssertHistoryIsWholeAsync(run);
    }

    [Fact]
    public async Task Resume_DamagedCheckpoint_GoesOnOnceTheSameRecipeHasMadeItAgain()
    {
        var recipe = Tiny.Training("seed=78");
        var run = await fixture.Client.StartRunAsync(recipe, "to-heal");
        await ClusterFixture.WaitAsync(run, s => s is { Stage: StageNames.Ppo, Iteration: >= 1 });
        await run.PauseAsync();
        await ClusterFixture.WaitAsync(run, s => s.Status == RunStatus.Paused);
        var damaged = (await fixture.ProgressAsync("to-heal")).Ppo!.Critic.OptimizerHash;
        await fixture.FlipByteAsync(damaged, 5000);

        // A cluster that has nothing in memory.
        await using var fresh = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1);
        var elsewhere = fresh.Client.GetRun("to-heal");
        await elsewhere.ResumeAsync();
        var failed = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);
        var again = await fixture.RunAsync("healer", recipe);
        await elsewhere.ResumeAsync();
        var end = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);

        Assert.Equal((RunStatus.Failed, ErrorCodes.BlobDamaged), (failed.Status, failed.Reason?.Code));
        Assert.Contains(damaged, failed.Reason!.Message, StringComparison.Ordinal);
        Assert.Contains("submit the same recipe", failed.Reason.Message, StringComparison.Ordinal);
        Assert.Equal((RunStatus.Completed, again.FinalHash), (end.Status, end.FinalHash));
        await AssertHistoryIsWholeAsync(elsewhere);
    }

    [Fact]
    public async Task Export_DamagedPolicy_IsRefusedAndLeavesNothingUntilItIsRestored()
    {
        var recipe = Tiny.Training("seed=79", "ppo=null", "reward=null");
        await fixture.RunAsync("damaged-export", recipe);
        var policy = (await fixture.ProgressAsync("damaged-export")).Sft!.Parameters.Hash;
        await fixture.FlipByteAsync(policy, 3000);
        await using var fresh = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1);
        var run = fresh.Client.GetRun("damaged-export");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => run.ExportAsync(ExportFormat.HuggingFace, _folder.File("out")));

        Assert.Equal(ErrorCodes.BlobDamaged, Assert.Single(refused.Problems).Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        await fixture.FlipByteAsync(policy, 3000);
        Assert.NotEmpty(await run.ExportAsync(ExportFormat.HuggingFace, _folder.File("out")));
    }

    /// <summary>For every session at once, those in the pools of the silos included.</summary>
    private async Task SetReadOnlyAsync(string value)
    {
        await fixture.ExecuteAsync($"ALTER SYSTEM SET default_transaction_read_only = {value}");
        await fixture.ExecuteAsync("SELECT pg_reload_conf()");
    }

    private static async Task AssertHistoryIsWholeAsync(RunHandle run)
    {
        await foreach (var line in run.CheckAsync())
        {
            Assert.True(line.Passed, $"{line}");
        }
    }
}
