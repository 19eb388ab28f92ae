using ClinicalGpt.Orleans.Benchmarks.Scale.Clock;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Scale;

public sealed class VirtualClockTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Delay_Several_EndInOrderAtTheirTimes()
    {
        using var clock = new VirtualClock(() => false);
        var ended = new List<(string, double)>();

        await Task.WhenAll(After("late", 3600), After("early", 60), After("between", 600)).WaitAsync(Limit);

        Assert.Equal([("early", 60.0), ("between", 600), ("late", 3600)], ended);

        async Task After(string name, double seconds)
        {
            await clock.Delay(seconds);
            lock (ended)
            {
                ended.Add((name, clock.Now));
            }
        }
    }

    [Fact]
    public async Task Delay_WhileBusy_WaitsUntilNothingIsUnderWay()
    {
        var busy = true;
        using var clock = new VirtualClock(() => Volatile.Read(ref busy));
        var delay = clock.Delay(1);

        var stood = clock.Now;
        Volatile.Write(ref busy, false);
        await delay.WaitAsync(Limit);

        Assert.Equal((0, 1, 0), (stood, clock.Now, clock.Forced));
    }

    [Fact]
    public async Task Delay_OneAfterTheOther_AddsUp()
    {
        using var clock = new VirtualClock(() => false);

        for (var i = 0; i < 5; i++)
        {
            await clock.Delay(7).WaitAsync(Limit);
        }

        Assert.Equal(35, clock.Now, 9);
    }
}
