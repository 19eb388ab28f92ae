using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Determinism;

/// <summary>The golden values were computed apart, in Python, from the published FNV-1a and SplitMix64 constants: they must
/// never change, or runs that exist could not be resumed.</summary>
public sealed class SeedsTests
{
    [Theory]
    [InlineData(1, "sft", 0, 0, 4174295100149441221UL)]
    [InlineData(1, "ppo/rollout", 39, 63, 10220704592826026695UL)]
    [InlineData(-7, "数据", 1, 2, 9385243044024134933UL)]
    public void Derive_GoldenInput_GivesTheGoldenSeed(long run, string stage, long step, long sample, ulong expected) =>
        Assert.Equal(expected, Seeds.Derive(run, stage, step, sample));

    [Fact]
    public void Uniform_GoldenSeed_GivesTheGoldenNumbers()
    {
        Assert.Equal(0.30315012456577295, Seeds.Uniform(42, 0));
        Assert.Equal(0.4949295270895354, Seeds.Uniform(42, 1));
        Assert.Equal(0.7243263955802648, Seeds.Uniform(42, 1000));
    }

    [Fact]
    public void Permutation_GoldenSeed_GivesTheGoldenOrder() =>
        Assert.Equal([8, 5, 9, 6, 2, 4, 1, 3, 7, 0], Seeds.Permutation(42, 10));

    [Fact]
    public void Derive_AnyPartChanged_ChangesTheSeed()
    {
        var seeds = new[]
        {
            Seeds.Derive(1, "sft"), Seeds.Derive(2, "sft"), Seeds.Derive(1, "reward"), Seeds.Derive(1, "sft", 1),
            Seeds.Derive(1, "sft", 0, 1), Seeds.Derive(1, "sft", 1, 1), Seeds.Derive(1, "sft", 2, 1), Seeds.Derive(1, "sft", 1, 2),
        };

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
    }

    [Fact]
    public void Uniform_ManyDraws_AreInRangeAndEven()
    {
        var draws = Enumerable.Range(0, 20_000).Select(i => Seeds.Uniform(42, i)).ToList();

        Assert.All(draws, u => Assert.InRange(u, 0, 1 - double.Epsilon));
        Assert.DoesNotContain(1.0, draws);

        // Standard deviation of the mean: sqrt(1/12 / 20000) = 0.002; of a tenth's count: sqrt(20000 * 0.1 * 0.9) = 42.
        Assert.InRange(draws.Average(), 0.49, 0.51);
        Assert.All(draws.GroupBy(u => (int)(u * 10)), g => Assert.InRange(g.Count(), 1800, 2200));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Permutation_AnyCount_HoldsEachElementOnce(int count) =>
        Assert.Equal(Enumerable.Range(0, count), Seeds.Permutation(7, count).Order());

    [Fact]
    public void Permutation_SeveralSeeds_ReachesAllOrdersOfThree() =>
        Assert.Equal(6, Enumerable.Range(0, 100).Select(s => string.Join(',', Seeds.Permutation((ulong)s, 3))).Distinct().Count());
}
