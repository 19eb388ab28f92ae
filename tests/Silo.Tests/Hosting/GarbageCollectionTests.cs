using System.Threading.Channels;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Silo.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace ClinicalGpt.Orleans.Silo.Tests.Hosting;

public sealed class GarbageCollectionTests
{
    private readonly RecordedTime _time = new();
    private readonly RecordingStore _store = new();

    [Fact]
    public async Task Start_TimePasses_CollectsAtEachIntervalEvenAfterAFailure()
    {
        var options = new SiloOptions { CollectEvery = TimeSpan.FromMinutes(20), GarbageAge = TimeSpan.FromHours(5) };
        using var service = new GarbageCollection(_store, options, _time, NullLogger<GarbageCollection>.Instance);
        await service.StartAsync(CancellationToken.None);

        Assert.Equal(GarbageCollection.FirstPass, await _time.PassAsync());
        _store.Fails = true;
        Assert.Equal(options.CollectEvery, await _time.PassAsync());
        _store.Fails = false;
        Assert.Equal(options.CollectEvery, await _time.PassAsync());
        Assert.Equal(options.CollectEvery, await _time.NextAsync());

        Assert.Equal([options.GarbageAge, options.GarbageAge, options.GarbageAge], _store.Passes);
        await service.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Start_IntervalOfZero_NeverCollects()
    {
        using var service = new GarbageCollection(
            _store, new SiloOptions { CollectEvery = TimeSpan.Zero }, _time, NullLogger<GarbageCollection>.Instance);
        await service.StartAsync(CancellationToken.None);
        await service.ExecuteTask!;

        Assert.Empty(_store.Passes);
    }

    /// <summary>Every timer waits until the test lets its time pass.</summary>
    private sealed class RecordedTime : TimeProvider
    {
        private readonly Channel<(TimeSpan Due, Action Fire)> _timers = Channel.CreateUnbounded<(TimeSpan, Action)>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _timers.Writer.TryWrite((dueTime, () => callback(state)));
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public async Task<TimeSpan> PassAsync()
        {
            var (due, fire) = await ReadAsync();
            fire();
            return due;
        }

        public async Task<TimeSpan> NextAsync() => (await ReadAsync()).Due;

        private async Task<(TimeSpan Due, Action Fire)> ReadAsync() =>
            await _timers.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed class RecordingStore : IBlobStore
    {
        public List<TimeSpan> Passes { get; } = [];

        public bool Fails { get; set; }

        public Task<int> CollectGarbageAsync(TimeSpan olderThan, CancellationToken cancellationToken)
        {
            Passes.Add(olderThan);
            return Fails ? throw new ProblemException(ErrorCodes.DatabaseUnreachable, "away") : Task.FromResult(2);
        }

        public Task<string> PutAsync(ReadOnlyMemory<byte> content, string mediaType, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<ReadOnlyMemory<byte>> GetAsync(string hash, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> FindMissingAsync(IReadOnlyCollection<string> hashes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
