namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>Counted n-grams of a token list.</summary>
internal static class NGrams
{
    /// <summary>Each n-gram with its count; empty where there are fewer than n tokens.</summary>
    public static Dictionary<string, int> Count(IReadOnlyList<string> tokens, int n)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i + n <= tokens.Count; i++)
        {
            var gram = string.Join('\0', tokens.Skip(i).Take(n));
            counts[gram] = counts.GetValueOrDefault(gram) + 1;
        }

        return counts;
    }

    /// <summary>N-grams of the one that the other holds too, each at most as often as the other holds it.</summary>
    public static int Overlap(Dictionary<string, int> one, Dictionary<string, int> other) =>
        one.Sum(g => Math.Min(g.Value, other.GetValueOrDefault(g.Key)));

    /// <summary>How many n-grams a list of tokens has.</summary>
    public static int Number(int tokens, int n) => Math.Max(0, tokens - n + 1);
}
