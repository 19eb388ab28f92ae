using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Grains.Evaluation;

namespace ClinicalGpt.Orleans.Grains.Tests.Evaluation;

public sealed class FiguresTests
{
    [Fact]
    public void Share_Cases_HasWilsonInterval()
    {
        var result = Figures.Share("set", "accuracy", [1, 1, 1, 0, 1, 1, 1, 0, 1, 1]);

        // Wilson, 8 of 10, 95 %: 0.4902 to 0.9433.
        Assert.Equal(0.8, result.Values["accuracy"], 6);
        Assert.Equal(0.4902, result.Intervals["accuracy"][0], 4);
        Assert.Equal(0.9433, result.Intervals["accuracy"][1], 4);
        Assert.Equal(10, result.Cases);
    }

    [Fact]
    public void Mean_Cases_HasNormalInterval()
    {
        var result = Figures.Mean("set", "loss", [1, 2, 3, 4]);

        // Standard deviation 1.2910, standard error 0.6455.
        Assert.Equal(2.5, result.Values["loss"]);
        Assert.Equal(2.5 - (1.96 * 0.6455), result.Intervals["loss"][0], 3);
        Assert.Equal(2.5 + (1.96 * 0.6455), result.Intervals["loss"][1], 3);
    }

    [Fact]
    public void AddMean_NotMeasured_AddsNothing()
    {
        var result = Figures.Mean("set", "loss", []);

        Figures.AddMean(result, "kl", [double.NaN, double.NaN]);
        Figures.AddMean(result, "score", [double.NaN, 3]);

        Assert.Equal(["score"], result.Values.Keys);
        Assert.Equal(3, result.Values["score"]);
        Assert.Empty(result.Intervals);
    }

    [Fact]
    public void AddGroups_CasesWithAndWithoutGroup_AddsAShareForEachGroup()
    {
        ClinicalRecord[] cases = [.. new[] { "b", "a", null, "b" }.Select((g, i) => new ClinicalRecord { Id = $"{i}", Prompt = "", Group = g })];
        var result = Figures.Share("set", "accuracy", [1, 0, 1, 0]);

        Figures.AddGroups(result, "accuracy", cases, [1, 0, 1, 0]);

        Assert.Equal(["accuracy", "accuracy-a", "accuracy-b"], result.Values.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((0.0, 0.5), (result.Values["accuracy-a"], result.Values["accuracy-b"]));
    }
}
