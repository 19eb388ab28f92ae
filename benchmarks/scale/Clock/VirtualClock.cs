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

    /// <summary>Moves on only when twice in a row, a millisecond apart, nothing was under way and nothing had happened between.</summary>
    private void Advance()
    {
        var (seen, changed, quiet) = (-1L, Stopwatch.GetTimestamp(), false);
        while (!_ending)
        {
            Thread.Sleep(1);
            var version = Interlocked.Read(ref _version);
            if (version != seen)
            {
                (seen, changed, quiet) = (version, Stopwatch.GetTimestamp(), false);
                continue;
            }

            var stuck = Stopwatch.GetElapsedTime(changed) > GiveUpAfter;
            if ((_busy() || ThreadPool.PendingWorkItemCount > 0) && !stuck)
            {
                quiet = false;
                continue;
            }

            if (!quiet && !stuck)
            {
                quiet = true;
                continue;
            }

            if (Fire() && stuck)
            {
                Forced++;
            }

            quiet = false;
        }
    }

    private bool Fire()
    {
        TaskCompletionSource? next;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out next, out var when))
            {
                return false;
            }

            _now = when.At;
        }

        Touch();
        next.SetResult();
        return true;
    }
}
