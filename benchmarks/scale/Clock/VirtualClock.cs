using System.Diagnostics;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Clock;

/// <summary>Simulated time. It stands still while any grain has something to do, and jumps to the next end of a simulated
/// computation when all of them wait; so the machine the simulation runs on, however slow, adds nothing to it.</summary>
internal sealed class VirtualClock : IDisposable
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TaskCompletionSource, (double At, long Order)> _waiting = new();
    private readonly Func<bool> _busy;
    private readonly Thread _thread;
    private double _now;
    private long _order;
    private long _version;
    private volatile bool _ending;

    /// <summary>Starts the clock.</summary>
    /// <param name="busy">Whether a message is on its way or a grain is about to go on.</param>
    public VirtualClock(Func<bool> busy)
    {
        _busy = busy;
        _thread = new Thread(Advance) { IsBackground = true, Name = "virtual clock" };
        _thread.Start();
    }

    /// <summary>Simulated seconds since the start.</summary>
    public double Now
    {
        get
        {
            lock (_lock)
            {
                return _now;
            }
        }
    }

    /// <summary>How often nothing had moved for seconds although a message seemed to be on its way; 0 in a sound simulation.</summary>
    public int Forced { get; private set; }

    /// <summary>Completes after so many simulated seconds.</summary>
    /// <param name="seconds">At least 0.</param>
    public Task Delay(double seconds)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _waiting.Enqueue(done, (_now + seconds, _order++));
        }

        Touch();
        return done.Task;
    }

    /// <summary>Says that something has happened: the clock waits for what follows from it.</summary>
    public void Touch() => Interlocked.Increment(ref _version);

    public void Dispose()
    {
        _ending = true;
        _thread.Join();
    }

    /// <summary>Moves on only when nothing has happened for a millisecond at least and nothing is under way.</summary>
    private void Advance()
    {
        var (seen, changed) = (-1L, Stopwatch.GetTimestamp());
        while (!_ending)
        {
            Thread.Sleep(1);
            var version = Interlocked.Read(ref _version);
            if (version != seen)
            {
                (seen, changed) = (version, Stopwatch.GetTimestamp());
                continue;
            }

            var busy = _busy() || ThreadPool.PendingWorkItemCount > 0;
            if ((!busy || Stopwatch.GetElapsedTime(changed) > GiveUpAfter) && Fire() && busy)
            {
                Forced++;
            }
        }
    }

    /// <summary>Goes to the next end of a computation; those of the same moment end together.</summary>
    private bool Fire()
    {
        var ended = new List<TaskCompletionSource>();
        lock (_lock)
        {
            while (_waiting.TryPeek(out var next, out var when) && (ended.Count == 0 || when.At <= _now))
            {
                _now = when.At;
                ended.Add(next);
                _waiting.Dequeue();
            }
        }

        if (ended.Count > 0)
        {
            Touch();
        }

        ended.ForEach(e => e.SetResult());
        return ended.Count > 0;
    }
}
