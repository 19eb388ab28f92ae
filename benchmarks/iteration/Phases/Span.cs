using System.Collections.Concurrent;
using System.Text.Json;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

/// <summary>What an iteration's time goes to, in the order it is charged: a moment in which a device computes counts as
/// computing, whatever else goes on beside it.</summary>
internal enum Phase
{
    Generate,
    Reference,
    Reward,
    Learn,
    Development,

    /// <summary>Parameters to the device and back, on the device thread.</summary>
    Transfer,

    /// <summary>The one transaction that makes an iteration true.</summary>
    Commit,

    /// <summary>Checkpoints written to and read from the database.</summary>
    Blobs,

    /// <summary>Status, attempts, ledger, progress.</summary>
    Bookkeeping,

    /// <summary>Messages, serialization, scheduling, hashing: whatever is none of the above.</summary>
    Rest,
}

/// <summary>Something that took time, in UTC ticks of 100 ns, which processes of one machine share.</summary>
/// <param name="Name">A device job's name, or <c>store/</c> or <c>blobs/</c> and the method.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended.</param>
internal sealed record Span(string Name, long Start, long End)
{
    /// <summary>Which phase it belongs to.</summary>
    public Phase Phase => Name switch
    {
        "store/CommitAsync" => Phase.Commit,
        _ when Name.StartsWith("blobs/", StringComparison.Ordinal) => Phase.Blobs,
        _ when Name.StartsWith("store/", StringComparison.Ordinal) => Phase.Bookkeeping,
        _ when Name.StartsWith("reference", StringComparison.Ordinal) => Phase.Reference,
        _ when Name.StartsWith("reward", StringComparison.Ordinal) => Phase.Reward,
        _ when Name.Contains(" generate ", StringComparison.Ordinal) => Phase.Generate,
        _ when Name.Contains(" learn ", StringComparison.Ordinal) => Phase.Learn,
        _ when Name.Contains(" evaluate ", StringComparison.Ordinal) => Phase.Development,
        _ => Phase.Transfer,
    };
}

/// <summary>Spans of a process, kept in memory until they are asked for, so that measuring costs an enqueue.</summary>
internal sealed class SpanLog
{
    private readonly ConcurrentQueue<Span> _spans = new();

    /// <summary>False: nothing is kept, so that a long run's memory is its own.</summary>
    public bool Keeps { get; set; } = true;

    /// <summary>Called at the end of every commit, before the run goes on.</summary>
    public Action? Committed { get; set; }

    public void Add(string name, long start, long end)
    {
        if (Keeps)
        {
            _spans.Enqueue(new Span(name, start, end));
        }

        if (name == IterationTimes.CommitSpan)
        {
            Committed?.Invoke();
        }
    }

    /// <summary>Measures a computation.</summary>
    public T Time<T>(string name, Func<T> work)
    {
        var start = DateTime.UtcNow.Ticks;
        var result = work();
        Add(name, start, DateTime.UtcNow.Ticks);
        return result;
    }

    /// <summary>Writes what was recorded since the last time.</summary>
    public void Write(string path)
    {
        var spans = new List<Span>();
        while (_spans.TryDequeue(out var span))
        {
            spans.Add(span);
        }

        File.WriteAllText(path, JsonSerializer.Serialize(spans));
    }

    public static IReadOnlyList<Span> Read(string path) => JsonSerializer.Deserialize<Span[]>(File.ReadAllText(path)) ?? [];
}
