using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Learning.Native;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>The one thread that runs all tensor work of a silo, job after job. Grains queue a job and await its result;
/// nothing blocks a turn. A job past its deadline is a hung device: native work cannot be cancelled, so the process ends.</summary>
public sealed partial class DeviceExecutor : IDisposable
{
    private readonly BlockingCollection<Job> _queue = [];
    private readonly Thread _thread;
    private readonly ITimer _watchdog;
    private readonly TimeProvider _time;
    private readonly TimeSpan _deadline;
    private readonly ILogger<DeviceExecutor> _log;
    private readonly Action<string> _endProcess;
    private volatile Running? _running;
    private volatile bool _ending;

    /// <summary>Starts the thread.</summary>
    /// <param name="deadline">Longest time of one job.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Where a hung job is reported.</param>
    /// <param name="endProcess">How the process ends; null: <see cref="Environment.FailFast(string)"/>.</param>
    public DeviceExecutor(TimeSpan deadline, TimeProvider time, ILogger<DeviceExecutor> log, Action<string>? endProcess = null)
    {
        (_deadline, _time, _log) = (deadline, time, log);
        _endProcess = endProcess ?? Environment.FailFast;
        _thread = new Thread(Work) { IsBackground = true, Name = "device" };
        _thread.Start();
        var period = TimeSpan.FromMilliseconds(Math.Clamp(deadline.TotalMilliseconds / 4, 50, 5000));
        _watchdog = time.CreateTimer(_ => CheckDeadline(), null, period, period);
    }

    /// <summary>Whether <see cref="Dispose"/> was called.</summary>
    public bool IsEnding => _ending;

    /// <summary>Jobs waiting.</summary>
    public int QueueLength => _queue.Count;

    /// <summary>Name of the job on the device, or null.</summary>
    public string? Current => _running?.Name;

    /// <summary>Queues a job.</summary>
    /// <typeparam name="T">Its result: plain data, never a tensor.</typeparam>
    /// <param name="name">What it is, without patient text.</param>
    /// <param name="threads">Compute threads; sums depend on their number, so every job states it.</param>
    /// <param name="job">Runs synchronously on the device thread.</param>
    /// <param name="cancellationToken">Drops the job while it is still queued.</param>
    public Task<T> RunAsync<T>(string name, int threads, Func<T> job, CancellationToken cancellationToken)
    {
        // Asynchronous continuations: the awaiting grain must not go on on the device thread.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Add(new Job(name, () => Complete(done, threads, job, cancellationToken)), CancellationToken.None);
        return done.Task;
    }

    /// <summary>Ends the thread after the job in progress; jobs still queued are cancelled.</summary>
    public void Dispose()
    {
        _ending = true;
        _watchdog.Dispose();
        _queue.CompleteAdding();
        _thread.Join(TimeSpan.FromSeconds(30));
    }

    private void Complete<T>(TaskCompletionSource<T> done, int threads, Func<T> job, CancellationToken cancellationToken)
    {
        if (_ending || cancellationToken.IsCancellationRequested)
        {
            done.TrySetCanceled(cancellationToken);
            return;
        }

        try
        {
            TorchRuntime.SetThreads(threads);
            done.TrySetResult(job());
        }
        catch (Exception e)
        {
            // Handed to whoever awaits the job: the device thread itself must live on.
            done.TrySetException(DeviceErrors.Translate(e));
        }
    }

    private void Work()
    {
        foreach (var job in _queue.GetConsumingEnumerable())
        {
            _running = new Running(job.Name, _time.GetTimestamp());
            LogBegins(job.Name);
            Failpoint.Hit(FailpointNames.Device, job.Name);
            using (DeviceTracing.Source.StartActivity(job.Name))
            {
                job.Execute();
            }

            _running = null;
        }
    }

    private void CheckDeadline()
    {
        if (_running is { } running && _time.GetElapsedTime(running.Since) > _deadline)
        {
            LogHung(running.Name, _deadline);
            _endProcess($"device job '{running.Name}' ran past its deadline of {_deadline}; the silo ends so that another can take over");
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "Device job {Job} ran past its deadline of {Deadline}; this silo ends itself")]
    private partial void LogHung(string job, TimeSpan deadline);

    [LoggerMessage(2, LogLevel.Debug, "Device job {Job} begins")]
    private partial void LogBegins(string job);

    private sealed record Job(string Name, Action Execute);

    private sealed record Running(string Name, long Since);
}
