using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class RunStoreTests(PostgresFixture postgres) : StoreTest(postgres)
{
    // Not what jsonb would give back: key order, spaces and the number's form must survive, they are hashed.
    private const string Recipe = """{ "name":"demo", "a":1.0, "name2":"é" }""";

    private Task<StoredRun> CreateAsync(string id = "run-1") => Runs.CreateAsync(id, "demo", Recipe, "hash-1", None);

    [Fact]
    public async Task Create_NewRun_IsPendingAndKeepsTheRecipeText()
    {
        var run = await CreateAsync();

        Assert.Equal(("run-1", "demo", Recipe, "hash-1"), (run.RunId, run.Name, run.RecipeJson, run.RecipeHash));
        Assert.Equal((RunStatus.Pending, 0L), (run.Status, run.Epoch));
        Assert.Null(run.Reason);
        Assert.Equal(TimeSpan.Zero, run.CreatedAt.Offset);
    }

    [Fact]
    public async Task Create_SameRecipeAgain_ReturnsTheRunAsItStands()
    {
        await CreateAsync();
        var epoch = await Runs.AcquireEpochAsync("run-1", None);
        await Runs.SetStatusAsync("run-1", epoch, RunStatus.Running, null, None);

        var again = await CreateAsync();

        Assert.Equal((RunStatus.Running, 1L), (again.Status, again.Epoch));
    }

    [Fact]
    public async Task Create_OtherRecipe_IsRefused()
    {
        await CreateAsync();
        Assert.Equal(
            ErrorCodes.RunIdTaken, await CodeOf(() => Runs.CreateAsync("run-1", "demo", Recipe, "hash-2", None)));
    }

    [Fact]
    public async Task Create_EightAtOnce_MakesOneRun()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => CreateAsync())));
        Assert.Single(await Runs.ListAsync(10, None));
    }

    [Fact]
    public async Task Find_UnknownRun_ReturnsNull() => Assert.Null(await Runs.FindAsync("nobody", None));

    [Fact]
    public async Task List_SeveralRuns_NewestFirstWithLimit()
    {
        await CreateAsync("a");
        await CreateAsync("b");
        await CreateAsync("c");

        Assert.Equal(["c", "b"], (await Runs.ListAsync(2, None)).Select(r => r.RunId));
    }

    [Fact]
    public async Task AcquireEpoch_Twice_GrowsByOne()
    {
        await CreateAsync();
        Assert.Equal(1, await Runs.AcquireEpochAsync("run-1", None));
        Assert.Equal(2, await Runs.AcquireEpochAsync("run-1", None));
    }

    [Fact]
    public async Task AcquireEpoch_UnknownRun_IsRefused() =>
        Assert.Equal(ErrorCodes.RunUnknown, await CodeOf(() => Runs.AcquireEpochAsync("nobody", None)));

    [Fact]
    public async Task SetStatus_Failed_KeepsTheReason()
    {
        await CreateAsync();
        var reason = new Problem(ErrorCodes.NonFinite, "the loss is NaN", "x.jsonl", 3, "loss");
        await Runs.SetStatusAsync("run-1", await Runs.AcquireEpochAsync("run-1", None), RunStatus.Failed, reason, None);

        var run = await Runs.FindAsync("run-1", None);

        Assert.Equal((RunStatus.Failed, reason), (run!.Status, run.Reason));
    }

    [Fact]
    public async Task EveryWrite_OfAnOlderEpoch_IsRefusedAndChangesNothing()
    {
        await CreateAsync();
        var old = await Runs.AcquireEpochAsync("run-1", None);
        await Runs.AcquireEpochAsync("run-1", None);
        Func<Task>[] writes =
        [
            () => Runs.SetStatusAsync("run-1", old, RunStatus.Running, null, None),
            () => Runs.BeginAttemptAsync("run-1", old, "ppo", 0, None),
            () => Runs.ResetAttemptsAsync("run-1", old, None),
            () => Runs.IssueAsync("run-1", old, 0, Samples.Entries, None),
            () => Runs.CommitAsync(Samples.Ppo("run-1", old, 0) with { Samples = [] }, None),
        ];

        foreach (var write in writes)
        {
            Assert.Equal(ErrorCodes.EpochLost, await CodeOf(write));
        }

        Assert.Equal(RunStatus.Pending, (await Runs.FindAsync("run-1", None))!.Status);
        Assert.Empty(await Runs.GetLedgerAsync("run-1", None));
        Assert.Empty(await Runs.GetIterationsAsync("run-1", null, 0, None));
    }

    [Fact]
    public async Task BeginAttempt_SeveralIterations_CountsEachUntilReset()
    {
        await CreateAsync();
        var epoch = await Runs.AcquireEpochAsync("run-1", None);

        Assert.Equal(1, (await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 4, None)).Number);
        Assert.Equal(2, (await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 4, None)).Number);
        Assert.Equal(1, (await Runs.BeginAttemptAsync("run-1", epoch, "sft", 4, None)).Number);
        await Runs.ResetAttemptsAsync("run-1", epoch, None);
        Assert.Equal(1, (await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 4, None)).Number);
    }

    [Fact]
    public async Task BeginAttempt_AfterANote_TellsWhatTheAttemptBeforeWasDoing()
    {
        await CreateAsync();
        var epoch = await Runs.AcquireEpochAsync("run-1", None);

        await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 4, None);
        await Runs.NoteAttemptAsync("run-1", epoch, "ppo", 4, "learn (64 sequences)", None);

        Assert.Equal(new Attempt(2, "learn (64 sequences)"), await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 4, None));
        Assert.Equal(new Attempt(1, ""), await Runs.BeginAttemptAsync("run-1", epoch, "ppo", 5, None));
    }

    [Fact]
    public async Task Issue_SameRowsAgain_ChangesNothing()
    {
        await CreateAsync();
        var epoch = await Runs.AcquireEpochAsync("run-1", None);
        await Runs.IssueAsync("run-1", epoch, 1, Samples.Entries, None);
        await Runs.IssueAsync("run-1", epoch, 1, Samples.Entries, None);
        await Runs.IssueAsync("run-1", epoch, 0, Samples.Entries[..1], None);

        var ledger = await Runs.GetLedgerAsync("run-1", None);

        Assert.Equal([(0, 0), (1, 0), (1, 1), (1, 2)], ledger.Select(r => (r.Iteration, r.Index)));
        Assert.Equal(new LedgerRow(1, 0, "prompts.jsonl:3", ulong.MaxValue, false), ledger[1]);
    }

    [Fact]
    public async Task Issue_OtherRows_IsRefused()
    {
        await CreateAsync();
        var epoch = await Runs.AcquireEpochAsync("run-1", None);
        await Runs.IssueAsync("run-1", epoch, 0, Samples.Entries, None);

        LedgerEntry[] other = [Samples.Entries[0] with { Seed = 8 }, .. Samples.Entries[1..]];
        await Assert.ThrowsAsync<InvalidOperationException>(() => Runs.IssueAsync("run-1", epoch, 0, other, None));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => Runs.IssueAsync("run-1", epoch, 0, Samples.Entries[..2], None));
    }

    [Fact]
    public async Task Audit_Events_AreReadInOrderPerRun()
    {
        await Audit.AppendAsync("run-1", "run.started", "epoch 1", None);
        await Audit.AppendAsync("run-2", "run.started", "epoch 1", None);
        await Audit.AppendAsync("run-1", "run.paused", "by request", None);

        var events = await Audit.ReadAsync("run-1", None);

        Assert.Equal([("run.started", "epoch 1"), ("run.paused", "by request")], events.Select(e => (e.Kind, e.Detail)));
        Assert.True(events[0].At <= events[1].At);
    }
}
