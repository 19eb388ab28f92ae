using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Report;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Iteration;

public sealed class OverheadTests
{
    [Fact]
    public void Of_SameIterations_ComparesEachWithItsOwn()
    {
        // 1 - 0.96 / 1 and 1 - 1.92 / 2.
        var series = Series([Run(Variant.Direct, 0, "h", 0.96, 1.92), Run(Variant.OneSilo, 0, "h", 1.0, 2.0)]);

        var cost = Overhead.Of(series, Variant.OneSilo)!;

        Assert.Equal(0.04, cost.AgainstDirect, 9);
        Assert.Equal(2, cost.Pairs);
        Assert.True(IterationReport.Holds(series));
    }

    [Fact]
    public void Of_RoundsOfDifferentSpeed_ComparesWithinTheRound()
    {
        var series = Series(
        [
            Run(Variant.Direct, 0, "h", 0.9), Run(Variant.OneSilo, 0, "h", 1.0),
            Run(Variant.Direct, 1, "h", 9.0), Run(Variant.OneSilo, 1, "h", 10.0),
        ]);

        Assert.Equal(0.1, Overhead.Of(series, Variant.OneSilo)!.AgainstDirect, 9);
        Assert.False(IterationReport.Holds(series));
    }

    [Fact]
    public void Holds_DifferentPolicies_Fails() =>
        Assert.False(IterationReport.Holds(Series([Run(Variant.Direct, 0, "h", 1.0), Run(Variant.OneSilo, 0, "other", 1.0)])));

    [Fact]
    public void Of_NothingToCompareWith_IsNull() => Assert.Null(Overhead.Of(Series([Run(Variant.OneSilo, 0, "h", 1.0)]), Variant.OneSilo));

    [Fact]
    public void Write_DifferentPolicies_SaysSo()
    {
        var text = IterationReport.Write([Series([Run(Variant.Direct, 0, new string('a', 64), 1.0), Run(Variant.OneSilo, 0, new string('b', 64), 1.2)])], "command");

        Assert.Contains("**The final policies differ**", text);
        Assert.Contains("above 5 %", text);
    }

    private static Series Series(Measured[] runs) => new("LoRA", new Recipe { Model = new ModelOptions { Path = "model" }, Ppo = new PpoOptions() }, runs);

    private static Measured Run(string variant, int round, string hash, params double[] walls) => new(
        variant, round, hash,
        [.. walls.Select((w, i) => new IterationTimes(i + 1, Enum.GetValues<Phase>().ToDictionary(p => p, p => p == Phase.Learn ? w : 0)))]);
}
