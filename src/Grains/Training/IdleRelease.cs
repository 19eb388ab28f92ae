namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Frees what a grain keeps on the device when nobody has asked for it for a while: a paused, failed or stopped
/// run sends no last request. What is freed is loaded again from the checkpoint that the next request names.</summary>
/// <param name="time">Clock.</param>
/// <param name="limit">How long without a request.</param>
/// <param name="release">Frees the device.</param>
public sealed class IdleRelease(TimeProvider time, TimeSpan limit, Func<Task> release)
{
    /// <summary>How long a training grain keeps its parameters without a request: 10 minutes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private long _used;
    private bool _holds;

    /// <summary>Says that a request has been carried out.</summary>
    public void Used() => (_used, _holds) = (time.GetTimestamp(), true);

    /// <summary>Frees the device if it is time; once until the next request.</summary>
    public async Task CheckAsync()
    {
        if (_holds && time.GetElapsedTime(_used) >= limit)
        {
            _holds = false;
            await release();
        }
    }
}
