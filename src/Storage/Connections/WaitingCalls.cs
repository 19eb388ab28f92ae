using System.Collections.Concurrent;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>Calls to the database that are under way: which of them fail again and again, and which get no answer.</summary>
internal sealed class WaitingCalls(TimeProvider time, TimeSpan slowAfter)
{
    private readonly ConcurrentDictionary<Call, byte> _calls = new();
    private long _lastAnswer = time.GetTimestamp();

    /// <summary>Whether no call is under way and none has been answered lately.</summary>
    public bool IsQuiet => _calls.IsEmpty && time.GetElapsedTime(Interlocked.Read(ref _lastAnswer)) > slowAfter;

    /// <summary>Begins a call; disposing it ends it.</summary>
    public Call Begin()
    {
        var call = new Call(this);
        _calls[call] = 0;
        return call;
    }

    /// <summary>Since when the call that has waited longest has waited, with its last error where it had one; null: none waits.</summary>
    public (DateTimeOffset Since, NpgsqlException? Error)? LongestWaiting()
    {
        var waiting = _calls.Keys
            .Where(c => c.Error is not null || time.GetUtcNow() - c.Since > slowAfter)
            .OrderBy(c => c.Since)
            .FirstOrDefault();
        return waiting is null ? null : (waiting.Since, waiting.Error);
    }

    /// <summary>One call.</summary>
    internal sealed class Call(WaitingCalls owner) : IDisposable
    {
        private volatile NpgsqlException? _error;

        public DateTimeOffset Since { get; } = owner.Now;

        public NpgsqlException? Error => _error;

        public void Failed(NpgsqlException error) => _error = error;

        public void Succeeded() => Interlocked.Exchange(ref owner._lastAnswer, owner.Timestamp);

        public void Dispose() => owner._calls.TryRemove(this, out _);
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private long Timestamp => time.GetTimestamp();
}
