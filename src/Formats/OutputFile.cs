namespace ClinicalGpt.Orleans.Formats;

/// <summary>A file to be written: its bytes in pieces, so that weights need no second copy and no array of their size.</summary>
/// <param name="Path">Path relative to the folder, with forward slashes.</param>
/// <param name="Parts">The bytes, in order.</param>
public sealed record OutputFile(string Path, IReadOnlyList<ReadOnlyMemory<byte>> Parts)
{
    /// <summary>A file of one piece.</summary>
    /// <param name="path">Path relative to the folder, with forward slashes.</param>
    /// <param name="content">The bytes.</param>
    public OutputFile(string path, byte[] content)
        : this(path, [content])
    {
    }

    /// <summary>Bytes in all.</summary>
    public long Length => Parts.Sum(p => (long)p.Length);

    /// <summary>The bytes in pieces of one size, the last one shorter; one empty piece for an empty file.</summary>
    /// <param name="size">Bytes of a piece, at least 1.</param>
    public IEnumerable<byte[]> Chunks(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var left = Length;
        var chunk = new byte[Math.Min(size, left)];
        var filled = 0;
        foreach (var part in Parts)
        {
            for (var at = 0; at < part.Length;)
            {
                var taken = Math.Min(part.Length - at, chunk.Length - filled);
                part.Span.Slice(at, taken).CopyTo(chunk.AsSpan(filled));
                (at, filled) = (at + taken, filled + taken);
                if (filled == chunk.Length)
                {
                    yield return chunk;
                    left -= filled;
                    (chunk, filled) = (new byte[Math.Min(size, left)], 0);
                }
            }
        }

        if (Length == 0)
        {
            yield return [];
        }
    }

    /// <summary>The whole file, of at most 2 GB.</summary>
    public byte[] ToArray() => Chunks((int)Math.Clamp(Length, 1, Array.MaxLength)).Single();
}
