using ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Iteration;

public sealed class MemoryVerdictTests
{
    [Fact]
    public void Of_WarmUpThenFlat_IsFlat() =>
        Assert.True(MemoryVerdict.Of(Points(i => new MemoryPoint(i, i < 3 ? i * 100_000_000L : 500_000_000 + (i % 2 * 1000), i < 3 ? i : 700, 30_000_000))).IsFlat);

    [Fact]
    public void Of_OneTensorMoreEachTime_IsGrowing()
    {
        var verdict = MemoryVerdict.Of(Points(i => new MemoryPoint(i, 500_000_000, 700 + i, 30_000_000)));

        Assert.Equal(100, verdict.LiveTensors, 9);
        Assert.False(verdict.IsFlat);
    }

    [Fact]
    public void Of_ResidentSetGrowsByAPercentEachTime_IsGrowing()
    {
        var verdict = MemoryVerdict.Of(Points(i => new MemoryPoint(i, 500_000_000 + (i * 5_000_000L), 700, 30_000_000)));

        Assert.Equal(500_000_000, verdict.ResidentBytes, 1);
        Assert.False(verdict.IsFlat);
    }

    [Fact]
    public void Of_ManagedHeapGrows_IsGrowing() =>
        Assert.False(MemoryVerdict.Of(Points(i => new MemoryPoint(i, 500_000_000, 700, 30_000_000 + (i * 50_000L)))).IsFlat);

    [Fact]
    public void Of_Points_LeavesOutThreeTenths() => Assert.Equal(14, MemoryVerdict.Of(Points(i => new MemoryPoint(i, 1, 1, 1))).Points);

    private static MemoryPoint[] Points(Func<int, MemoryPoint> point) => [.. Enumerable.Range(0, 20).Select(point)];
}
