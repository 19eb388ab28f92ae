using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class CommitTests(PostgresFixture postgres) : StoreTest(postgres)
{
    private async Task<long> BeginAsync()
    {
        await Runs.CreateAsync("run-1", "demo", "{}", "hash-1", None);
        return await Runs.AcquireEpochAsync("run-1", None);
    }

    private async Task<IterationCommit> IssuedAsync(int iteration = 0)
    {
        var epoch = await BeginAsync();
        await Runs.IssueAsync("run-1", epoch, iteration, Samples.Entries, None);
        return Samples.Ppo("run-1", epoch, iteration);
    }

    private async Task AssertNothingCommittedAsync()
    {
        Assert.Empty(await Runs.GetIterationsAsync("run-1", null, 0, None));
        Assert.Empty(await Runs.GetStepsAsync("run-1", "ppo", None));
        Assert.Empty(await Runs.GetSamplesAsync("run-1", new SampleQuery(), None));
        Assert.Empty(await Runs.GetEvaluationsAsync("run-1", None));
        Assert.Null(await Runs.GetProgressAsync("run-1", None));
        Assert.DoesNotContain(await Runs.GetLedgerAsync("run-1", None), r => r.Trained);
        Assert.Equal(0L, await ScalarAsync<long>("SELECT count(*) FROM clinicalgpt.blob_references"));
    }

    [Fact]
    public async Task Commit_EverythingInIt_IsReadBack()
    {
        var hash = await Blobs.PutAsync(new byte[] { 1, 2, 3 }, "application/octet-stream", None);
        var commit = await IssuedAsync() with { Blobs = [hash, hash], Status = RunStatus.Running };
        await Runs.BeginAttemptAsync("run-1", commit.Epoch, "ppo", 0, None);
        await Runs.BeginAttemptAsync("run-1", commit.Epoch, "ppo", 0, None);

        await Runs.CommitAsync(commit, None);

        var view = Assert.Single(await Runs.GetIterationsAsync("run-1", "ppo", 0, None));
        Assert.Equal(("ppo", 0, 2), (view.Stage, view.Iteration, view.Attempts));
        Assert.Equal(commit.Metrics, view.Metrics);
        Assert.Equal(commit.Timings, view.Timings);
        Assert.Equal(commit.Samples, await Runs.GetSamplesAsync("run-1", new SampleQuery(), None));
        Assert.All(await Runs.GetLedgerAsync("run-1", None), r => Assert.True(r.Trained));
        var progress = await Runs.GetProgressAsync("run-1", None);
        Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(commit.Progress, RecipeJson.Options),
            System.Text.Json.JsonSerializer.Serialize(progress, RecipeJson.Options));
        var summary = Assert.Single(await Runs.ListAsync(10, None));
        Assert.Equal((RunStatus.Running, "ppo", 1), (summary.Status, summary.Stage, summary.Iteration));
    }

    [Fact]
    public async Task Commit_NonFiniteAndExtremeNumbers_AreReadBackBitForBit()
    {
        double[] numbers =
        [
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, double.Epsilon, double.MaxValue,
            0.1 + 0.2, 1e-7, Math.PI, 123456789012345680,
        ];
        var metrics = numbers.Select((n, i) => (n, i)).ToDictionary(p => $"m{p.i:00}", p => p.n);
        var evaluation = new EvaluationResult
        {
            Name = "e", Cases = 2, Values = metrics, CaseValues = FloatBlock.From([float.NaN, -0f]),
            Intervals = new() { ["m"] = [double.NaN, -0.0] },
        };
        var commit = await IssuedAsync() with
        {
            Metrics = metrics, Timings = metrics, Steps = [new StepMetrics(0, metrics)], Evaluation = evaluation,
        };

        await Runs.CommitAsync(commit, None);

        var view = Assert.Single(await Runs.GetIterationsAsync("run-1", null, 0, None));
        var stored = Assert.Single(await Runs.GetEvaluationsAsync("run-1", None));
        Dictionary<string, double>[] read =
            [view.Metrics, view.Timings, Assert.Single(await Runs.GetStepsAsync("run-1", "ppo", None)).Values, stored.Values];
        Assert.All(read, r => Assert.Equal(
            numbers.Select(BitConverter.DoubleToInt64Bits), r.Values.Select(BitConverter.DoubleToInt64Bits)));
        Assert.Equal(evaluation.CaseValues.Data, stored.CaseValues.Data);
        Assert.True(double.IsNegative(stored.Intervals["m"][1]));
        var sample = (await Runs.GetSamplesAsync("run-1", new SampleQuery(), None))[0];
        Assert.Equal(BitConverter.DoubleToInt64Bits(double.NaN), BitConverter.DoubleToInt64Bits(sample.Score));
        Assert.Equal(BitConverter.DoubleToInt64Bits(-0.0), BitConverter.DoubleToInt64Bits(sample.Kl));
    }

    [Fact]
    public async Task Commit_SameContentAgain_Succeeds()
    {
        var commit = await IssuedAsync();
        await Runs.CommitAsync(commit, None);
        await Runs.CommitAsync(
            commit with
            {
                Timings = new Dictionary<string, double> { ["time/learn"] = 99 },
                Metrics = new Dictionary<string, double>(commit.Metrics.Reverse()),
            },
            None);

        var view = Assert.Single(await Runs.GetIterationsAsync("run-1", null, 0, None));
        Assert.Equal(1.5, view.Timings["time/learn"]);
        Assert.Equal(3, (await Runs.GetSamplesAsync("run-1", new SampleQuery(), None)).Count);
    }

    [Fact]
    public async Task Commit_TwoAtOnce_OneCommitsAndBothSucceed()
    {
        var commit = await IssuedAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Runs.CommitAsync(commit, None))));
        Assert.Single(await Runs.GetIterationsAsync("run-1", null, 0, None));
    }

    [Fact]
    public async Task Commit_OtherContentForACommittedIteration_IsRefused()
    {
        var commit = await IssuedAsync();
        await Runs.CommitAsync(commit, None);
        var other = commit with { Metrics = new Dictionary<string, double> { ["objective/kl"] = 0.26 } };

        await Assert.ThrowsAsync<InvalidOperationException>(() => Runs.CommitAsync(other, None));

        Assert.Equal(0.25, (await Runs.GetIterationsAsync("run-1", null, 0, None))[0].Metrics["objective/kl"]);
    }

    [Fact]
    public async Task Commit_UnknownRun_IsRefused() => Assert.Equal(
        ErrorCodes.RunUnknown, await CodeOf(() => Runs.CommitAsync(Samples.Ppo("nobody", 1, 0), None)));

    [Fact]
    public async Task Commit_BlobThatIsNotStored_CommitsNothing()
    {
        var missing = new string('d', 64);
        var commit = await IssuedAsync() with { Blobs = [missing] };

        var problem = await Assert.ThrowsAsync<ProblemException>(() => Runs.CommitAsync(commit, None));

        Assert.Equal(ErrorCodes.BlobDamaged, problem.Problems[0].Code);
        Assert.Contains(missing, problem.Message, StringComparison.Ordinal);
        await AssertNothingCommittedAsync();
    }

    [Fact]
    public async Task Commit_FailureInTheLastStatement_CommitsNothing()
    {
        var hash = await Blobs.PutAsync(new byte[] { 1 }, "x", None);
        var commit = await IssuedAsync() with
        {
            Blobs = [hash],
            Steps = [new StepMetrics(0, new() { ["a"] = 1 })],
            Evaluation = new EvaluationResult { Name = "e", Cases = 0, Values = [], CaseValues = FloatBlock.From([]) },
        };
        await ExecuteAsync("ALTER TABLE clinicalgpt.runs ADD CONSTRAINT broken CHECK (iteration < 1)");

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => Runs.CommitAsync(commit, None));
        await AssertNothingCommittedAsync();

        await ExecuteAsync("ALTER TABLE clinicalgpt.runs DROP CONSTRAINT broken");
        await Runs.CommitAsync(commit, None);
        Assert.Single(await Runs.GetIterationsAsync("run-1", null, 0, None));
    }

    [Theory]
    [InlineData("record")]
    [InlineData("seed")]
    [InlineData("index")]
    public async Task Commit_SampleThatWasNotIssued_CommitsNothing(string what)
    {
        var commit = await IssuedAsync();
        var sample = commit.Samples[1];
        sample = what switch
        {
            "record" => sample with { RecordId = "other:1" },
            "seed" => sample with { Seed = 8 },
            _ => sample with { Index = 9 },
        };

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Runs.CommitAsync(commit with { Samples = [commit.Samples[0], sample] }, None));

        await AssertNothingCommittedAsync();
    }

    [Fact]
    public async Task Commit_SomeOfTheIssued_LeavesTheOthersIssued()
    {
        var commit = await IssuedAsync();
        await Runs.CommitAsync(commit with { Samples = [.. commit.Samples.Skip(1)] }, None);
        Assert.Equal([false, true, true], (await Runs.GetLedgerAsync("run-1", None)).Select(r => r.Trained));
    }

    [Fact]
    public async Task Commit_OtherStage_NeedsNoLedger()
    {
        var epoch = await BeginAsync();
        await Runs.CommitAsync(Samples.Ppo("run-1", epoch, 0) with { Stage = "reward" }, None);
        Assert.Equal(3, (await Runs.GetSamplesAsync("run-1", new SampleQuery(), None)).Count);
    }

    [Fact]
    public async Task Reads_SeveralIterations_FilterOrderAndPage()
    {
        var epoch = await BeginAsync();
        foreach (var (stage, iteration) in new[] { ("sft", 0), ("sft", 1), ("ppo", 0), ("ppo", 1), ("ppo", 2) })
        {
            var commit = Samples.Ppo("run-1", epoch, iteration) with
            {
                Stage = stage,
                Steps = [new StepMetrics(2 * iteration, []), new StepMetrics((2 * iteration) + 1, [])],
            };
            await Runs.IssueAsync("run-1", epoch, iteration, Samples.Entries, None);
            await Runs.CommitAsync(stage == "ppo" ? commit : commit with { Samples = [] }, None);
        }

        var all = await Runs.GetIterationsAsync("run-1", null, 0, None);
        Assert.Equal(["sft0", "sft1", "ppo0", "ppo1", "ppo2"], all.Select(v => $"{v.Stage}{v.Iteration}"));
        Assert.Equal([1, 2], (await Runs.GetIterationsAsync("run-1", "ppo", 1, None)).Select(v => v.Iteration));
        Assert.Equal([0, 1, 2, 3], (await Runs.GetStepsAsync("run-1", "sft", None)).Select(s => s.Step));
        var newest = await Runs.GetSamplesAsync("run-1", new SampleQuery { NewestFirst = true, Limit = 2, Offset = 2 }, None);
        Assert.Equal([(2, 2), (1, 0)], newest.Select(s => (s.Iteration, s.Index)));
        var middle = await Runs.GetSamplesAsync("run-1", new SampleQuery { FromIteration = 1, ToIteration = 1 }, None);
        Assert.Equal([(1, 0), (1, 1), (1, 2)], middle.Select(s => (s.Iteration, s.Index)));
    }
}
