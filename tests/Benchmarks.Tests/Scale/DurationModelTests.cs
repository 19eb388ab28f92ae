using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

namespace ClinicalGpt.Orleans.Benchmarks.Tests.Scale;

public sealed class DurationModelTests
{
    private static readonly DurationModel Model = new() { MedianTokens = 100, Sigma = 0.8, MaxTokens = 1000, SecondsPerToken = 0.02, GenerateFixed = 0.5 };

    [Fact]
    public void AnswerTokens_ManySeeds_AreLogNormalWithALongTail()
    {
        double[] lengths = [.. Enumerable.Range(0, 20_000).Select(i => (double)Model.AnswerTokens(Seeds.Derive(1, "test", 0, i)))];

        // Quantiles of a log-normal: median 100; 97.7 % is two deviations, 100 e^1.6 = 495.
        Assert.InRange(Statistics.Median(lengths), 97, 103);
        Assert.InRange(Statistics.Quantile(lengths, 0.977), 465, 525);
        Assert.InRange(lengths.Max(), 900, 1000);
        Assert.True(lengths.Min() >= 1);
    }

    [Fact]
    public void AnswerTokens_SameSeed_IsTheSame() => Assert.Equal(Model.AnswerTokens(42), Model.AnswerTokens(42));

    [Fact]
    public void GenerateSeconds_Chunk_IsThatOfItsLongestAnswer() => Assert.Equal(0.5 + (300 * 0.02), Model.GenerateSeconds([10, 300, 50]), 9);

    [Fact]
    public void LearnSeconds_Sequences_AreFixedAndProportional() =>
        Assert.Equal(5, new DurationModel { LearnFixed = 1, LearnPerSequence = 0.5 }.LearnSeconds(8), 9);

    [Theory]
    [InlineData(1, 14)] // 5 + 4 + 3 + 2
    [InlineData(2, 7)] // the first takes 5 and 2, the second 4 and 3
    [InlineData(4, 5)]
    [InlineData(8, 5)]
    public void Makespan_Workers_TakeTheNextChunkWhenFree(int workers, double expected) =>
        Assert.Equal(expected, IdealSchedule.Makespan([5, 4, 3, 2], workers), 9);
}
