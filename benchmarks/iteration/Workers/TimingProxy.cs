using System.Reflection;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>Stands before a storage port and records how long each call took; changes nothing else.</summary>
/// <typeparam name="T">The port.</typeparam>
internal class TimingProxy<T> : DispatchProxy
    where T : class
{
    private T _inner = null!;
    private SpanLog _log = null!;
    private string _prefix = "";

    public static T Wrap(T inner, SpanLog log, string prefix)
    {
        var proxy = Create<T, TimingProxy<T>>();
        var timing = (TimingProxy<T>)(object)proxy;
        (timing._inner, timing._log, timing._prefix) = (inner, log, prefix);
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var start = DateTime.UtcNow.Ticks;
        var result = targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        var name = $"{_prefix}/{targetMethod.Name}";
        if (result is Task task)
        {
            // Before the caller's own continuation, since it is registered first.
            task.ContinueWith(
                _ => _log.Add(name, start, DateTime.UtcNow.Ticks),
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return result;
    }
}
