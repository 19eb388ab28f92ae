using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Grains.Data;

/// <summary>Which rows a step takes: a fresh permutation each pass, from (run seed, stage, pass) only.</summary>
public static class BatchSchedule
{
    /// <summary>Steps of a pass; the last may be smaller.</summary>
    /// <param name="rows">Rows of the data set.</param>
    /// <param name="batchSize">Rows of a step.</param>
    public static int StepsPerEpoch(int rows, int batchSize) => (rows + batchSize - 1) / batchSize;

    /// <summary>Row indices of a step.</summary>
    /// <param name="runSeed">The recipe's seed.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="step">Step within the stage.</param>
    /// <param name="rows">Rows of the data set.</param>
    /// <param name="batchSize">Rows of a step.</param>
    public static int[] RowsOfStep(long runSeed, string stage, int step, int rows, int batchSize)
    {
        var perEpoch = StepsPerEpoch(rows, batchSize);
        var order = Seeds.Permutation(Seeds.Derive(runSeed, stage + "/order", step / perEpoch), rows);
        var first = step % perEpoch * batchSize;
        return order[first..Math.Min(rows, first + batchSize)];
    }

    /// <summary>The next <paramref name="count"/> items of an endless sequence of shuffled passes.</summary>
    /// <param name="runSeed">The recipe's seed.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="start">Items taken before.</param>
    /// <param name="count">Items to take.</param>
    /// <param name="rows">Rows of the data set.</param>
    public static int[] Take(long runSeed, string stage, long start, int count, int rows)
    {
        var taken = new int[count];
        long pass = -1;
        int[] order = [];
        for (var i = 0; i < count; i++)
        {
            if ((start + i) / rows != pass)
            {
                pass = (start + i) / rows;
                order = Seeds.Permutation(Seeds.Derive(runSeed, stage + "/order", pass), rows);
            }

            taken[i] = order[(start + i) % rows];
        }

        return taken;
    }
}
