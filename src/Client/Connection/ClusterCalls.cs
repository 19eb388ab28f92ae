using ClinicalGpt.Orleans.Abstractions.Errors;
using Orleans.Runtime.Messaging;

namespace ClinicalGpt.Orleans.Client.Connection;

/// <summary>Calls that survive the loss of a silo: short attempts, repeated with growing pauses. Only for calls that may
/// be made twice, which all of ours may.</summary>
internal sealed class ClusterCalls(ClinicalGptClientOptions options, TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    /// <summary>The settings in force.</summary>
    public ClinicalGptClientOptions Options => options;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Makes a call, each attempt within the call timeout.</summary>
    /// <exception cref="ProblemException">CGPT4010: no answer in the time allowed; or what the grain itself found wrong.</exception>
    public Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken) =>
        RepeatAsync(_ => call().WaitAsync(options.CallTimeout, time, cancellationToken), cancellationToken);

    /// <summary>Repeats an operation that has its own idea of time, such as a stream.</summary>
    /// <param name="operation">The operation; it reports progress by calling its argument, which starts the time allowed anew.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<T> RepeatAsync<T>(Func<Action, Task<T>> operation, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        var pause = FirstPause;
        while (true)
        {
            try
            {
                return await operation(Progress);
            }
            catch (Exception e) when (IsTransient(e))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (time.GetElapsedTime(since) + pause > options.RetryFor)
                {
                    throw Unreachable(e);
                }
            }

            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        void Progress()
        {
            since = time.GetTimestamp();
            pause = FirstPause;
        }
    }

    /// <summary>Whether an error says that a silo or the way to it was lost, so that another attempt may succeed.</summary>
    public static bool IsTransient(Exception e) =>
        e is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException
            or ConnectionFailedException or ClientNotAvailableException or EnumerationAbortedException;

    private ProblemException Unreachable(Exception last) => new(
        ErrorCodes.ClusterUnreachable,
        $"the cluster {options.ClusterId} has not answered for {options.RetryFor.TotalSeconds:0.#} s ({last.GetType().Name}). "
        + (last is TimeoutException
            ? "A silo may be there and wait for its database, which is away or cannot write: see its log, or describe a run that is going on. "
            : "")
        + "What runs there goes on or resumes by itself; check that a silo and its database are up and call again.");
}
