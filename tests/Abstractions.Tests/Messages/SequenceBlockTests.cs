using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Messages;

public sealed class SequenceBlockTests
{
    private static readonly (int[] Prompt, int[] Response)[] Rows =
        [([1, 2, 3], [4, 5]), ([250_879], []), ([], [7]), ([8, 9], [int.MaxValue, 0])];

    [Fact]
    public void ToRows_OfFrom_IsTheSame() => AssertSame(Rows, SequenceBlock.From(Rows).ToRows());

    [Fact]
    public void From_Rows_CountsAndLaysOutTokens()
    {
        var block = SequenceBlock.From(Rows);

        Assert.Equal((4, 5), (block.Rows, block.ResponseTokens));
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], block.Tokens[..8]);
    }

    [Fact]
    public void Concat_Blocks_KeepsOrder() => AssertSame(
        Rows, SequenceBlock.Concat([SequenceBlock.From(Rows[..1]), SequenceBlock.From(Rows[1..])]).ToRows());

    [Fact]
    public void FloatBlock_ToArrayOfFrom_IsTheSameToTheBit()
    {
        float[] values = [0f, -0f, 1.5f, float.NaN, float.PositiveInfinity, 1e-45f];

        var back = FloatBlock.From(values).ToArray();

        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), back.Select(BitConverter.SingleToInt32Bits));
    }

    private static void AssertSame(
        IReadOnlyList<(int[] Prompt, int[] Response)> expected, IReadOnlyList<(int[] Prompt, int[] Response)> actual)
    {
        Assert.Equal(expected.Select(r => r.Prompt), actual.Select(r => r.Prompt));
        Assert.Equal(expected.Select(r => r.Response), actual.Select(r => r.Response));
    }
}
