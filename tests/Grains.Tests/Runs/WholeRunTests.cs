using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class WholeRunTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Run_TinyRecipe_CompletesEveryStage()
    {
        var snapshot = await fixture.UndisturbedAsync();

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.Equal([StageNames.Data, StageNames.Sft, StageNames.Reward, StageNames.Ppo, StageNames.Evaluate], snapshot.Stages);
        var iterations = await fixture.Runs.GetIterationsAsync("undisturbed", null, 0, CancellationToken.None);
        Assert.Equal(snapshot.Stages, iterations.Select(i => i.Stage).Distinct());
        Assert.All(iterations, i => Assert.Equal(1, i.Attempts));
        Assert.Equal(snapshot.FinalHash, (await fixture.ProgressAsync("undisturbed")).Ppo!.Policy.Parameters.Hash);
    }

    [Fact]
    public async Task Start_SameRecipeAgain_ChangesNothing()
    {
        var before = await fixture.UndisturbedAsync();
        var events = await fixture.Client.GetRun("undisturbed").GetEventsAsync();

        var handle = await fixture.Client.StartRunAsync(Tiny.Recipe(), "undisturbed");
        var after = await handle.DescribeAsync();

        Assert.Equal((before.Epoch, before.Version, before.Status, before.FinalHash), (after.Epoch, after.Version, after.Status, after.FinalHash));
        Assert.Equal(events.Count, (await handle.GetEventsAsync()).Count);
    }

    [Fact]
    public async Task Start_OtherRecipeUnderSameId_IsRefused()
    {
        await fixture.UndisturbedAsync();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => fixture.Client.StartRunAsync(Tiny.Recipe("seed=2"), "undisturbed"));

        Assert.Equal(ErrorCodes.RunIdTaken, Assert.Single(refused.Problems).Code);
    }

    [Fact]
    public async Task Start_RecipeOfNewerVersion_IsRefusedAndNothingIsStored()
    {
        var json = RecipeJson.Write(Tiny.Recipe() with { RecipeVersion = Recipe.CurrentVersion + 1 });

        var refused = await Assert.ThrowsAsync<ProblemException>(
            () => fixture.Cluster.Grains.GetGrain<IRunGrain>("newer").Start(new StartRun { RecipeJson = json }));

        Assert.Equal(ErrorCodes.RecipeTooNew, Assert.Single(refused.Problems).Code);
        Assert.Null(await fixture.Runs.FindAsync("newer", CancellationToken.None));
    }

    [Fact]
    public async Task Run_OtherSeed_EndsElsewhere()
    {
        var first = await fixture.UndisturbedAsync();

        var second = await fixture.RunAsync("other-seed", Tiny.Training("seed=2", "ppo.iterations=1"));

        Assert.Equal(RunStatus.Completed, second.Status);
        Assert.NotEqual(first.FinalHash, second.FinalHash);
    }

    [Fact]
    public async Task Ppo_FirstIteration_HasKlZero()
    {
        await fixture.UndisturbedAsync();

        var iterations = await fixture.Runs.GetIterationsAsync("undisturbed", StageNames.Ppo, 0, CancellationToken.None);
        var first = await fixture.Runs.GetSamplesAsync(
            "undisturbed", new SampleQuery { ToIteration = 0, Limit = 100 }, CancellationToken.None);

        Assert.Equal(0.0, iterations[0].Metrics[MetricNames.Kl]);
        Assert.All(first, s => Assert.Equal(0.0, s.Kl));
        Assert.NotEqual(0.0, iterations[^1].Metrics[MetricNames.Kl]);
    }

    [Fact]
    public async Task Ppo_FirstIterationWithPromptsOfVeryDifferentLength_HasKlZero()
    {
        var file = Path.Combine(Path.GetDirectoryName(Tiny.File("prompts.jsonl"))!, "uneven.jsonl");
        await File.WriteAllLinesAsync(file, Enumerable.Range(0, 16).Select(i =>
            $"{{\"prompt\": \"{string.Concat(Enumerable.Repeat("insulin, shock and ", i * i / 8))}Question {i}?\\nAnswer:\"}}"));

        var snapshot = await fixture.RunAsync("uneven", Tiny.Training($"data.prompts=[{file}]", "ppo.iterations=1"));
        var samples = await fixture.Runs.GetSamplesAsync("uneven", new SampleQuery(), CancellationToken.None);

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.All(samples, s => Assert.Equal(0.0, s.Kl));
    }

    [Fact]
    public async Task Ppo_Samples_CarryProvenance()
    {
        await fixture.UndisturbedAsync();
        var progress = await fixture.ProgressAsync("undisturbed");
        var uses = await fixture.Runs.GetBlobUsesAsync("undisturbed", CancellationToken.None);
        var samples = await fixture.Runs.GetSamplesAsync("undisturbed", new SampleQuery { Limit = 1000 }, CancellationToken.None);

        Assert.Equal(Tiny.Iterations * 8, samples.Count);
        Assert.All(samples, s => Assert.Equal(progress.Sft!.Parameters.Hash, s.ReferenceHash));
        Assert.All(samples, s => Assert.Equal(progress.Reward!.Parameters.Hash, s.RewardHash));
        Assert.All(samples.Where(s => s.Iteration == 0), s => Assert.Equal(progress.Sft!.Parameters.Hash, s.PolicyHash));
        for (var iteration = 1; iteration < Tiny.Iterations; iteration++)
        {
            // The policy's parameters are the first blob of a PPO commit.
            var committed = uses.Where(u => u.Stage == StageNames.Ppo && u.Iteration == iteration - 1).Select(u => u.Hash).ToArray();
            var policy = Assert.Single(samples.Where(s => s.Iteration == iteration).Select(s => s.PolicyHash).Distinct());
            Assert.Contains(policy, committed);
            Assert.NotEqual(progress.Sft!.Parameters.Hash, policy);
        }

        Assert.Equal(Tiny.Iterations, samples.Select(s => s.PolicyHash).Distinct().Count());
    }

    [Fact]
    public async Task Ppo_Ledger_HoldsEverySampleOnceAndTrained()
    {
        await fixture.UndisturbedAsync();

        var rows = await fixture.Runs.GetLedgerAsync("undisturbed", CancellationToken.None);

        Assert.Equal(
            Enumerable.Range(0, Tiny.Iterations).SelectMany(i => Enumerable.Range(0, 8).Select(s => (i, s))),
            rows.Select(r => (r.Iteration, r.Index)));
        Assert.All(rows, r => Assert.True(r.Trained));
        Assert.Equal(rows.Count, rows.Select(r => r.Seed).Distinct().Count());
    }

    [Fact]
    public async Task Check_CompletedRun_FindsNothingWrong()
    {
        await fixture.UndisturbedAsync();

        var lines = new List<RunCheckLine>();
        await foreach (var line in fixture.Client.GetRun("undisturbed").CheckAsync())
        {
            lines.Add(line);
        }

        Assert.NotEmpty(lines);
        Assert.All(lines, l => Assert.True(l.Passed, l.ToString()));
    }

    [Fact]
    public async Task CollectGarbage_CompletedRunAndNoGrace_TakesNothingTheRunNeeds()
    {
        await fixture.UndisturbedAsync();
        await fixture.Blobs.CollectGarbageAsync(TimeSpan.Zero, CancellationToken.None);

        await foreach (var line in fixture.Client.GetRun("undisturbed").CheckAsync())
        {
            Assert.True(line.Passed, line.ToString());
        }
    }

    [Fact]
    public async Task Evaluate_CompletedRun_HasEveryPlannedResult()
    {
        await fixture.UndisturbedAsync();
        var progress = await fixture.ProgressAsync("undisturbed");
        var recipe = Tiny.Recipe();
        var run = new RunContext("undisturbed", 1, recipe, RecipeJson.Write(recipe), (_, _) => Task.CompletedTask, CancellationToken.None);

        var results = await fixture.Runs.GetEvaluationsAsync("undisturbed", CancellationToken.None);

        Assert.Equal(EvaluationPlan.For(run, progress).Select(r => r.Name), results.Select(r => r.Name));
        Assert.All(results, r => Assert.NotEmpty(r.Values));
    }

    [Theory]
    [InlineData("lora", "full")]
    [InlineData("full", "lora")]
    [InlineData("full", "full")]
    public async Task Run_AdapterModes_Complete(string sft, string reward)
    {
        var recipe = Tiny.Training($"sft.adapter.mode={sft}", $"reward.adapter.mode={reward}", "ppo.iterations=1", "sft.maxRows=8", "reward.maxRows=8");

        var snapshot = await fixture.RunAsync($"modes-{sft}-{reward}", recipe);
        var progress = await fixture.ProgressAsync(snapshot.RunId);

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.Equal(sft == "lora", progress.Ppo!.Policy.Parameters.IsLora);
        Assert.Equal(reward == "lora", progress.Ppo.Critic.Parameters.IsLora);
    }
}
