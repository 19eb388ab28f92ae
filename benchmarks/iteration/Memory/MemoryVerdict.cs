using ClinicalGpt.Orleans.Benchmarks.Measuring;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

/// <summary>Whether memory stays flat: growth per hundred iterations (or runs) once the process is warm.</summary>
/// <param name="ResidentBytes">Slope of the resident set, bytes per hundred.</param>
/// <param name="LiveTensors">Slope of the live tensors per hundred.</param>
/// <param name="ManagedBytes">Slope of the managed heap, bytes per hundred.</param>
/// <param name="Points">Points after the warm-up.</param>
internal sealed record MemoryVerdict(double ResidentBytes, double LiveTensors, double ManagedBytes, int Points)
{
    /// <summary>Share of the points that counts as warm-up: pools and caches fill, code is compiled.</summary>
    public const double WarmUp = 0.3;

    /// <summary>Most growth of the resident set that counts as flat, as a share of it per hundred.</summary>
    public const double ResidentLimit = 0.02;

    /// <summary>Most growth of the managed heap that counts as flat, bytes per hundred.</summary>
    public const double ManagedLimit = 2e6;

    /// <summary>Resident set after the warm-up, bytes.</summary>
    public required double Resident { get; init; }

    /// <summary>Not one tensor more, and next to nothing of the rest.</summary>
    public bool IsFlat => LiveTensors < 1 && ResidentBytes <= ResidentLimit * Resident && ManagedBytes <= ManagedLimit;

    /// <summary>Judges a series of points.</summary>
    /// <param name="points">In order; at least four.</param>
    public static MemoryVerdict Of(IReadOnlyList<MemoryPoint> points)
    {
        MemoryPoint[] warm = [.. points.Skip((int)Math.Ceiling(points.Count * WarmUp))];
        return new MemoryVerdict(
            100 * Slope(p => p.ResidentBytes), 100 * Slope(p => p.LiveTensors), 100 * Slope(p => p.ManagedBytes), warm.Length)
        {
            Resident = Statistics.Median(warm.Select(p => (double)p.ResidentBytes)),
        };

        double Slope(Func<MemoryPoint, long> value) => Statistics.Slope([.. warm.Select(p => ((double)p.At, (double)value(p)))]);
    }
}
