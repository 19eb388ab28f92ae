using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Grains.Devices;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClinicalGpt.Orleans.Grains.Tests.Devices;

public sealed class DeviceExecutorTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);
    private readonly ManualTime _time = new();
    private readonly List<string> _ends = [];
    private readonly DeviceExecutor _executor;

    public DeviceExecutorTests() =>
        _executor = new DeviceExecutor(Deadline, _time, NullLogger<DeviceExecutor>.Instance, _ends.Add);

    private static CancellationToken None => CancellationToken.None;

    public void Dispose() => _executor.Dispose();

    [Fact]
    public async Task RunAsync_ManyJobs_RunInOrderOnOneThread()
    {
        var seen = new List<(int Job, int Thread)>();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => _executor.RunAsync(
            "job", 1, () => { seen.Add((i, Environment.CurrentManagedThreadId)); return i; }, None)));

        Assert.Equal(Enumerable.Range(0, 50), seen.Select(s => s.Job));
        Assert.Single(seen.Select(s => s.Thread).Distinct());
    }

    [Fact]
    public async Task RunAsync_JobThatThrows_FailsAloneAndTheThreadLivesOn()
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(
            () => _executor.RunAsync<int>("bad", 1, () => throw new ProblemException(ErrorCodes.NonFinite, "loss"), None));
        var other = await Assert.ThrowsAsync<DeviceException>(
            () => _executor.RunAsync<int>("bad", 1, () => throw new InvalidOperationException("broken\nsecond line"), None));

        Assert.Equal(ErrorCodes.NonFinite, problem.Problems[0].Code);
        Assert.StartsWith("InvalidOperationException: broken", other.Message, StringComparison.Ordinal);
        Assert.Equal(7, await _executor.RunAsync("good", 1, () => 7, None));
    }

    [Fact]
    public async Task RunAsync_CancelledWhileQueued_IsNeverRun()
    {
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var ran = false;
        var first = _executor.RunAsync("first", 1, () => gate.Wait(TimeSpan.FromSeconds(30)), None);
        var second = _executor.RunAsync("second", 1, () => ran = true, cancellation.Token);

        await cancellation.CancelAsync();
        gate.Set();

        Assert.True(await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(ran);
    }

    [Fact]
    public async Task RunAsync_JobPastItsDeadline_EndsTheProcessAndNamesTheJob()
    {
        using var started = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var job = _executor.RunAsync(
            "run-1 sft step 3", 1, () => { started.Set(); return gate.Wait(TimeSpan.FromSeconds(30)); }, None);
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));

        _time.Advance(Deadline);
        Assert.Empty(_ends);
        Assert.Equal("run-1 sft step 3", _executor.Current);
        _time.Advance(TimeSpan.FromSeconds(1));
        gate.Set();
        await job;

        Assert.Contains("run-1 sft step 3", Assert.Single(_ends), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watchdog_BetweenJobs_EndsNothing()
    {
        await _executor.RunAsync("short", 1, () => 1, None);
        await _executor.RunAsync("short", 1, () => { _time.Advance(Deadline / 2); return 1; }, None);

        _time.Advance(Deadline / 2);

        Assert.Empty(_ends);
    }

    [Fact]
    public async Task Dispose_WithJobsQueued_CancelsThem()
    {
        using var started = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var ran = false;
        var first = _executor.RunAsync("first", 1, () => { started.Set(); return gate.Wait(TimeSpan.FromSeconds(30)); }, None);
        var queued = _executor.RunAsync("queued", 1, () => ran = true, None);
        Assert.True(started.Wait(TimeSpan.FromSeconds(30)));

        var ending = Task.Run(_executor.Dispose);
        Assert.True(SpinWait.SpinUntil(() => _executor.IsEnding, TimeSpan.FromSeconds(30)));
        gate.Set();
        await ending;

        Assert.True(await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        Assert.False(ran);
    }
}
