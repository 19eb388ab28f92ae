namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

/// <summary>Splits a window of time among phases without counting a moment twice.</summary>
internal static class PhaseSplit
{
    /// <summary>Seconds of each phase; they add up to the window.</summary>
    /// <param name="start">Begin of the window, ticks.</param>
    /// <param name="end">Its end.</param>
    /// <param name="spans">What went on; where spans overlap, the phase that comes first in <see cref="Phase"/> counts.</param>
    public static IReadOnlyDictionary<Phase, double> Of(long start, long end, IEnumerable<Span> spans)
    {
        var inside = spans
            .Select(s => (s.Phase, Start: Math.Max(s.Start, start), End: Math.Min(s.End, end)))
            .Where(s => s.Start < s.End)
            .ToArray();
        long[] cuts = [.. inside.SelectMany(s => new[] { s.Start, s.End }).Append(start).Append(end).Distinct().Order()];
        var ticks = Enum.GetValues<Phase>().ToDictionary(p => p, _ => 0L);
        for (var i = 0; i + 1 < cuts.Length; i++)
        {
            var over = inside.Where(s => s.Start <= cuts[i] && s.End >= cuts[i + 1]).Select(s => s.Phase);
            ticks[over.DefaultIfEmpty(Phase.Rest).Min()] += cuts[i + 1] - cuts[i];
        }

        return ticks.ToDictionary(t => t.Key, t => TimeSpan.FromTicks(t.Value).TotalSeconds);
    }
}
