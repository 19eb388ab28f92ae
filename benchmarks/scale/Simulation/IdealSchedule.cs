namespace ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

/// <summary>The time an iteration would take if dealing, messages, reference and reward model cost nothing: what the real
/// grains are compared with.</summary>
internal static class IdealSchedule
{
    /// <summary>Seconds until all chunks are generated when whoever is free takes the next one.</summary>
    /// <param name="chunks">Seconds of each chunk, in order.</param>
    /// <param name="workers">How many work at the same time, at least 1.</param>
    public static double Makespan(IEnumerable<double> chunks, int workers)
    {
        var free = new PriorityQueue<int, double>(Enumerable.Range(0, workers).Select(w => (w, 0.0)));
        var end = 0.0;
        foreach (var seconds in chunks)
        {
            free.TryDequeue(out var worker, out var at);
            end = Math.Max(end, at + seconds);
            free.Enqueue(worker, at + seconds);
        }

        return end;
    }
}
