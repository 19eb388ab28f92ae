using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Cli.Output;
using ClinicalGpt.Orleans.Cli.Watch;

namespace ClinicalGpt.Orleans.Cli.Tests.Watch;

public sealed class WatchTests
{
    [Fact]
    public async Task Follow_StageChanges_AsksOnlyForWhatIsNew()
    {
        var run = new ScriptedRun(
            Snapshot("sft", 1), Snapshot("sft", 1), Snapshot("sft", 3), Snapshot("ppo", 0), Snapshot("ppo", 2), Snapshot("done", 0, RunStatus.Completed));
        var seen = new List<int>();

        var end = await new RunWatcher(run, TimeProvider.System, TimeSpan.Zero).FollowAsync(
            state =>
            {
                seen.Add(state.Iterations.Count);
                return Task.CompletedTask;
            },
            CancellationToken.None);

        Assert.Equal(RunStatus.Completed, end.Status);
        Assert.Equal([1, 1, 3, 0, 2, 0], seen);
        Assert.Equal(["sft 0", "sft 1", "ppo 0"], run.Asked);
    }

    [Fact]
    public void Next_NothingChanged_NoSecondLine()
    {
        var lines = new PlainLines();
        var state = new WatchState(Snapshot("ppo", 3) with { Metrics = new() { [MetricNames.Kl] = 0.5 } }, []);

        Assert.Contains("ppo 3/10  KL (nats/sequence) 0.500", lines.Next(state), StringComparison.Ordinal);
        Assert.Null(lines.Next(state));
        Assert.NotNull(lines.Next(state with { Snapshot = state.Snapshot with { Iteration = 4 } }));
    }

    [Fact]
    public void Next_RunFailed_SaysWhy()
    {
        var run = Snapshot("ppo", 3, RunStatus.Failed) with { Reason = new Problem(ErrorCodes.NonFinite, "a loss is not finite") };

        Assert.Contains("CGPT3009: a loss is not finite", new PlainLines().Next(new WatchState(run, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_PpoRun_ShowsStagesBarAndCurves()
    {
        var metrics = new Dictionary<string, double> { [MetricNames.Kl] = 2, [MetricNames.Entropy] = 1.25 };
        var run = Snapshot("ppo", 5) with { Stages = ["data", "sft", "ppo", "evaluate"], StageSecondsLeft = 75, Metrics = metrics };
        using var output = new StringWriter();

        new Terminal(output, TextWriter.Null, isInteractive: false).Write(
            WatchView.Render(new WatchState(run, [.. Enumerable.Range(0, 5).Select(i => Iteration("ppo", i, i))])));

        var text = output.ToString();
        Assert.Contains("✓ sft", text, StringComparison.Ordinal);
        Assert.Contains("▶ ppo", text, StringComparison.Ordinal);
        Assert.Contains("5/10, 75 s left", text, StringComparison.Ordinal);
        Assert.Contains("▁▂▄▆█", text, StringComparison.Ordinal);
        Assert.Contains("1.250", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 10, "")]
    [InlineData("1", 10, "▅")]
    [InlineData("0,7", 10, "▁█")]
    [InlineData("0,0,7,7", 2, "▁█")]
    public void Draw_Values_FillTheRange(string values, int width, string expected) => Assert.Equal(
        expected,
        Sparkline.Draw([.. values.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(v => double.Parse(v, CultureInfo.InvariantCulture))], width));

    private static RunSnapshot Snapshot(string stage, int iteration, RunStatus status = RunStatus.Running) =>
        new() { RunId = "r", Status = status, Stage = stage, Iteration = iteration, TotalIterations = 10 };

    private static IterationView Iteration(string stage, int iteration, double kl) => new()
    {
        Stage = stage,
        Iteration = iteration,
        Metrics = new() { [MetricNames.Kl] = kl },
        Timings = [],
        CommittedAt = DateTimeOffset.UnixEpoch,
    };

    private sealed class ScriptedRun(params RunSnapshot[] snapshots) : IRunSource
    {
        private int _next = -1;

        public List<string> Asked { get; } = [];

        public Task<RunSnapshot> DescribeAsync(CancellationToken cancellationToken) => Task.FromResult(snapshots[++_next]);

        public Task<IReadOnlyList<IterationView>> GetIterationsAsync(string stage, int fromIteration, CancellationToken cancellationToken)
        {
            Asked.Add($"{stage} {fromIteration}");
            return Task.FromResult<IReadOnlyList<IterationView>>(
                [.. Enumerable.Range(fromIteration, snapshots[_next].Iteration - fromIteration).Select(i => Iteration(stage, i, i))]);
        }
    }
}
