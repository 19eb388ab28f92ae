using ClinicalGpt.Orleans.Grains.Data;

namespace ClinicalGpt.Orleans.Grains.Tests.Data;

public sealed class BatchScheduleTests
{
    [Theory]
    [InlineData(10, 3, 4)]
    [InlineData(9, 3, 3)]
    [InlineData(1, 32, 1)]
    [InlineData(0, 4, 0)]
    public void StepsPerEpoch_RowsAndBatch_CountsTheSmallerLastStep(int rows, int batch, int steps) =>
        Assert.Equal(steps, BatchSchedule.StepsPerEpoch(rows, batch));

    [Theory]
    [InlineData(10, 3)]
    [InlineData(12, 4)]
    [InlineData(5, 8)]
    public void RowsOfStep_EveryEpoch_CoversEveryRowOnceInAnOrderOfItsOwn(int rows, int batch)
    {
        var steps = BatchSchedule.StepsPerEpoch(rows, batch);
        var epochs = Enumerable.Range(0, 3)
            .Select(e => Enumerable.Range(e * steps, steps).SelectMany(s => BatchSchedule.RowsOfStep(1, "sft", s, rows, batch)).ToArray())
            .ToArray();

        Assert.All(epochs, e => Assert.Equal(Enumerable.Range(0, rows), e.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.NotEqual(epochs[1], epochs[2]);
    }

    [Fact]
    public void RowsOfStep_SameArguments_SameRowsWhateverWasAskedBefore()
    {
        var before = BatchSchedule.RowsOfStep(1, "sft", 7, 100, 8);
        _ = BatchSchedule.RowsOfStep(1, "sft", 0, 100, 8);

        Assert.Equal(before, BatchSchedule.RowsOfStep(1, "sft", 7, 100, 8));
        Assert.NotEqual(before, BatchSchedule.RowsOfStep(2, "sft", 7, 100, 8));
        Assert.NotEqual(before, BatchSchedule.RowsOfStep(1, "reward", 7, 100, 8));
    }

    [Fact]
    public void Take_PiecesOfAnySize_AreTheSameEndlessSequence()
    {
        var whole = BatchSchedule.Take(1, "ppo", 0, 35, 10);
        var pieces = new[] { 1, 4, 13, 2, 15 };
        var at = 0;
        var joined = pieces.SelectMany(p => BatchSchedule.Take(1, "ppo", (at += p) - p, p, 10)).ToArray();

        Assert.Equal(whole, joined);
        Assert.All(Enumerable.Range(0, 3), pass => Assert.Equal(Enumerable.Range(0, 10), whole[(pass * 10)..((pass + 1) * 10)].Order()));
    }

    [Fact]
    public void Take_FarIntoTheSequence_IsStillARow() =>
        Assert.All(BatchSchedule.Take(1, "ppo", 4_000_000_000, 5, 7), r => Assert.InRange(r, 0, 6));
}
