namespace ClinicalGpt.Orleans.Formats.Tests;

public sealed class OutputFileTests
{
    private static readonly OutputFile File = new("a", [new byte[] { 1, 2, 3 }, Array.Empty<byte>(), new byte[] { 4 }, new byte[] { 5, 6, 7 }]);

    [Theory]
    [InlineData(1, 7)]
    [InlineData(2, 4)]
    [InlineData(3, 3)]
    [InlineData(7, 1)]
    [InlineData(100, 1)]
    public void Chunks_AnySize_AreFullButTheLastAndHoldEveryByteInOrder(int size, int count)
    {
        var chunks = File.Chunks(size).ToArray();

        Assert.Equal(count, chunks.Length);
        Assert.All(chunks[..^1], c => Assert.Equal(size, c.Length));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], chunks.SelectMany(c => c));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], File.ToArray());
    }

    [Fact]
    public void Chunks_EmptyFile_IsOneEmptyPiece()
    {
        Assert.Empty(Assert.Single(new OutputFile("empty", Array.Empty<byte>()).Chunks(4)));
        Assert.Empty(new OutputFile("empty", Array.Empty<byte>()).ToArray());
    }
}
