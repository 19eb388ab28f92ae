using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

/// <summary>Takes a process's memory every so many commits, while the run waits: no tensor of an iteration is in use then.</summary>
internal static class MemoryWatch
{
    private static readonly List<MemoryPoint> Points = [];

    public static void Begin(SpanLog log, int every)
    {
        var commits = 0;
        Points.Clear();
        log.Keeps = false;
        log.Committed = () =>
        {
            if (++commits % every == 0)
            {
                Points.Add(MemoryPoint.Now(commits));
            }
        };
    }

    /// <summary>Stops watching.</summary>
    /// <returns>What was seen since <see cref="Begin"/>.</returns>
    public static IReadOnlyList<MemoryPoint> End(SpanLog log)
    {
        log.Committed = null;
        return [.. Points];
    }
}
