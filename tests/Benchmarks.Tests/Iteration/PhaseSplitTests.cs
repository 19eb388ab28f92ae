using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Iteration;

public sealed class PhaseSplitTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Fact]
    public void Of_Spans_AddUpToTheWindow()
    {
        Span[] spans = [new("run generate 0/0", 1 * Second, 3 * Second), new("store/CommitAsync", 4 * Second, 5 * Second)];

        var split = PhaseSplit.Of(0, 10 * Second, spans);

        Assert.Equal(2, split[Phase.Generate]);
        Assert.Equal(1, split[Phase.Commit]);
        Assert.Equal(7, split[Phase.Rest]);
        Assert.Equal(10, split.Values.Sum());
    }

    [Fact]
    public void Of_OverlappingSpans_ChargesTheDeviceOnce()
    {
        // The reference computes from 0 to 4, the reward model from 2 to 6, the database writes from 3 to 9.
        Span[] spans =
        [
            new("reference log-probs", 0, 4 * Second), new("reward scores", 2 * Second, 6 * Second), new("blobs/PutAsync", 3 * Second, 9 * Second),
        ];

        var split = PhaseSplit.Of(0, 10 * Second, spans);

        Assert.Equal(4, split[Phase.Reference]);
        Assert.Equal(2, split[Phase.Reward]);
        Assert.Equal(3, split[Phase.Blobs]);
        Assert.Equal(1, split[Phase.Rest]);
    }

    [Fact]
    public void Of_SpanAcrossTheEdge_CountsInsideOnly()
    {
        var split = PhaseSplit.Of(5 * Second, 8 * Second, [new Span("run/0 ppo learn 3", 0, 6 * Second), new Span("run/0 ppo learn 4", 9 * Second, 12 * Second)]);

        Assert.Equal(1, split[Phase.Learn]);
        Assert.Equal(2, split[Phase.Rest]);
    }

    [Theory]
    [InlineData("run-1 generate 3/0", nameof(Phase.Generate))]
    [InlineData("reference log-probs", nameof(Phase.Reference))]
    [InlineData("reward scores", nameof(Phase.Reward))]
    [InlineData("run-1 ppo learn 3", nameof(Phase.Learn))]
    [InlineData("run-1 evaluate development", nameof(Phase.Development))]
    [InlineData("snapshot run-1/0 policy", nameof(Phase.Transfer))]
    [InlineData("load run-1/0 policy critic", nameof(Phase.Transfer))]
    [InlineData("store/CommitAsync", nameof(Phase.Commit))]
    [InlineData("store/IssueAsync", nameof(Phase.Bookkeeping))]
    [InlineData("blobs/GetAsync", nameof(Phase.Blobs))]
    public void Phase_Name_IsRecognised(string name, string phase) => Assert.Equal(phase, new Span(name, 0, 1).Phase.ToString());

    [Fact]
    public void IterationsOf_ThreeCommits_LeavesOutTheFirst()
    {
        Span[] spans =
        [
            new(IterationTimes.CommitSpan, 9 * Second, 10 * Second),
            new("run ppo learn 1", 11 * Second, 13 * Second),
            new(IterationTimes.CommitSpan, 13 * Second, 14 * Second),
            new("run ppo learn 2", 14 * Second, 19 * Second),
            new(IterationTimes.CommitSpan, 19 * Second, 20 * Second),
        ];

        var iterations = IterationTimes.Of(spans);

        Assert.Equal([1, 2], iterations.Select(i => i.Iteration));
        Assert.Equal([4.0, 6.0], iterations.Select(i => i.Wall));
        Assert.Equal([2.0, 5.0], iterations.Select(i => i.Computed));
        Assert.Equal([2.0, 1.0], iterations.Select(i => i.Outside));
    }
}
