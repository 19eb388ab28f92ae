using ClinicalGpt.Orleans.Grains.Tests.Devices;
using ClinicalGpt.Orleans.Grains.Training;

namespace ClinicalGpt.Orleans.Grains.Tests.Training;

public sealed class IdleReleaseTests
{
    private readonly ManualTime _time = new();
    private readonly IdleRelease _idle;
    private int _released;

    public IdleReleaseTests() => _idle = new IdleRelease(_time, TimeSpan.FromMinutes(10), () =>
    {
        _released++;
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Check_LongWithoutARequest_FreesOnce()
    {
        _idle.Used();
        _time.Advance(TimeSpan.FromMinutes(10));

        await _idle.CheckAsync();
        await _idle.CheckAsync();

        Assert.Equal(1, _released);
    }

    [Fact]
    public async Task Check_SoonAfterARequest_FreesNothing()
    {
        _idle.Used();
        _time.Advance(TimeSpan.FromMinutes(9));

        await _idle.CheckAsync();

        Assert.Equal(0, _released);
    }

    [Fact]
    public async Task Check_RequestAfterTheRelease_FreesAgain()
    {
        _idle.Used();
        _time.Advance(TimeSpan.FromMinutes(10));
        await _idle.CheckAsync();
        _idle.Used();
        _time.Advance(TimeSpan.FromMinutes(10));

        await _idle.CheckAsync();

        Assert.Equal(2, _released);
    }

    [Fact]
    public async Task Check_NothingWasAsked_FreesNothing()
    {
        _time.Advance(TimeSpan.FromHours(1));

        await _idle.CheckAsync();

        Assert.Equal(0, _released);
    }
}
