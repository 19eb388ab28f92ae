using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Cuts rows so that one forward pass without gradients stays within memory.</summary>
internal static class RowChunks
{
    private const long MaxNumbers = 32L << 20;

    /// <summary>Consecutive rows whose tokens times <paramref name="numbersPerToken"/> stay below 32 M numbers; at least one row each.</summary>
    public static IEnumerable<List<(int[] Prompt, int[] Response)>> Of(SequenceBlock block, int numbersPerToken)
    {
        var chunk = new List<(int[] Prompt, int[] Response)>();
        var longest = 0L;
        foreach (var row in block.ToRows())
        {
            var length = Math.Max(longest, row.Prompt.Length + row.Response.Length);
            if (chunk.Count > 0 && (chunk.Count + 1) * length * numbersPerToken > MaxNumbers)
            {
                yield return chunk;
                (chunk, length) = ([], row.Prompt.Length + row.Response.Length);
            }

            chunk.Add(row);
            longest = length;
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }
}
