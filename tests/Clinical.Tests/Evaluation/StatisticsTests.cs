using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Clinical.Tests.Evaluation;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(0, 10, 0.0, 0.277533)]
    [InlineData(5, 10, 0.236593, 0.763407)]
    [InlineData(81, 100, 0.722212, 0.874852)]
    [InlineData(0, 0, 0.0, 1.0)]
    public void Wilson_KnownShares_GiveKnownIntervals(int successes, int cases, double low, double high)
    {
        var interval = ConfidenceInterval.Wilson(successes, cases);

        Assert.Equal(low, interval.Low, 5);
        Assert.Equal(high, interval.High, 5);
    }

    [Fact]
    public void PairedDifference_ConstantGain_HasNoWidth()
    {
        var interval = ConfidenceInterval.PairedDifference([0, 1, 2], [1, 2, 3], seed: 1);

        Assert.Equal(new Interval(1, 1), interval);
    }

    [Fact]
    public void PairedDifference_Shares_AgreesWithTheNormalApproximation()
    {
        // 400 cases, difference 1 in 100 of them, else 0: mean 0.25, standard error sqrt(.25*.75/400) = 0.02165, so 0.25 -/+ 0.0424.
        var before = new float[400];
        var after = Enumerable.Range(0, 400).Select(i => i < 100 ? 1f : 0f).ToArray();
        var seed = Seeds.Derive(7, "test");

        var interval = ConfidenceInterval.PairedDifference(before, after, seed);

        Assert.InRange(interval.Low, 0.2076 - 0.006, 0.2076 + 0.006);
        Assert.InRange(interval.High, 0.2924 - 0.006, 0.2924 + 0.006);
        Assert.Equal(interval, ConfidenceInterval.PairedDifference(before, after, seed));
    }

    [Fact]
    public void PairedDifference_DifferentLengths_Throws() =>
        Assert.Throws<ArgumentException>(() => ConfidenceInterval.PairedDifference([1], [1, 2], seed: 1));

    [Fact]
    public void LengthOnly_MostlyShorterChosen_TakesThatRule()
    {
        // shorter, shorter, equal, longer: "longer" is right in (0 + 0 + .5 + 1) / 4 = .375, "shorter" in .625
        Assert.Equal(0.625, RankingBaselines.LengthOnly([(1, 2), (3, 9), (4, 4), (7, 5)]));
    }

    [Fact]
    public void LengthMatched_Tolerance_KeepsCloseOnes()
    {
        Assert.Equal([0, 2], RankingBaselines.LengthMatched([(1, 2), (3, 9), (4, 4), (7, 5)]));
    }
}
