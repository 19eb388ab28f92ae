using ClinicalGpt.Orleans.Benchmarks.Measuring;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Measuring;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [InlineData(new[] { 7.0 }, 7)]
    public void Median_Numbers_IsTheMiddle(double[] values, double expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void Quantile_BetweenRanks_IsInterpolated()
    {
        // Ranks 0, 1, 2, 3, 4: a quarter of the way is rank 1; 0.3 is rank 1.2.
        double[] values = [10, 20, 30, 40, 50];

        Assert.Equal(20, Statistics.Quantile(values, 0.25), 9);
        Assert.Equal(22, Statistics.Quantile(values, 0.3), 9);
    }

    [Fact]
    public void Quantile_Nothing_IsRefused() => Assert.Throws<ArgumentException>(() => Statistics.Quantile([], 0.5));

    [Fact]
    public void Slope_LineWithAnOutlier_IsTheLines()
    {
        (double, double)[] points = [(0, 1), (1, 3), (2, 500), (3, 7), (4, 9), (5, 11), (6, 13)];

        Assert.Equal(2, Statistics.Slope(points), 9);
    }

    [Fact]
    public void Slope_OneX_IsRefused() => Assert.Throws<ArgumentException>(() => Statistics.Slope([(1, 1), (1, 2)]));
}
