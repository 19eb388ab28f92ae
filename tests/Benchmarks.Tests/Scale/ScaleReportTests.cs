using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Scale.Cases;
using ClinicalGpt.Orleans.Benchmarks.Scale.Report;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Scale;

public sealed class ScaleReportTests
{
    private static readonly Recipe Recipe = new() { Model = new Abstractions.Recipes.ModelOptions { Path = "model" }, Ppo = new PpoOptions() };

    [Fact]
    public void LastDoubling_TwiceTheSilos_IsTheFactor()
    {
        var factor = ScaleReport.LastDoubling([Outcome(64, 100, 10), Outcome(128, 50, 10)])!.Value;

        Assert.Equal(2, factor.Simulated, 9);
        Assert.Equal(110.0 / 60, factor.AtWorst, 9);
    }

    [Fact]
    public void LastDoubling_NoDoubling_IsNotJudged() => Assert.Null(ScaleReport.LastDoubling([Outcome(64, 100, 0), Outcome(96, 70, 0)]));

    [Theory]
    [InlineData(55, "PASS")]
    [InlineData(60, "FAIL")]
    public void Write_LastDoubling_GivesTheVerdict(double seconds, string verdict)
    {
        var outcomes = new[] { Outcome(64, 100, 1), Outcome(128, seconds, 1) };
        var results = Case.All(new DurationModel(), [64, 128]).Select(c => (c, (IReadOnlyList<Outcome>)outcomes)).ToArray();

        var text = ScaleReport.Write(Recipe, new DurationModel(), results, new SimulationHealth(1, 0, 0), "command");

        Assert.Contains($"**{verdict}** 64 -> 128", text);
        Assert.Contains("One slow silo", text);
    }

    private static Outcome Outcome(int silos, double seconds, double processor) => new()
    {
        Silos = silos,
        Iterations = 1,
        Seconds = seconds,
        IdealSeconds = seconds,
        SerialSeconds = 1,
        Utilisation = 0.9,
        ReferenceBusy = 0.5,
        Calls = 1,
        Bytes = 1,
        ProcessorSeconds = processor,
    };
}
