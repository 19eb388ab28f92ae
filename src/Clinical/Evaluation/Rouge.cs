namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>A ROUGE figure.</summary>
/// <param name="Precision">Share of the answer found in the reference, [0, 1].</param>
/// <param name="Recall">Share of the reference found in the answer, [0, 1].</param>
/// <param name="F">Their harmonic mean, [0, 1].</param>
public readonly record struct RougeScore(double Precision, double Recall, double F);

/// <summary>ROUGE (Lin 2004) on given tokens, without stemming.</summary>
public static class Rouge
{
    /// <summary>ROUGE-n: common n-grams.</summary>
    /// <param name="hypothesis">The answer's tokens.</param>
    /// <param name="reference">The reference's tokens.</param>
    /// <param name="n">Length of the n-grams.</param>
    public static RougeScore N(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference, int n) => Score(
        NGrams.Overlap(NGrams.Count(hypothesis, n), NGrams.Count(reference, n)),
        NGrams.Number(hypothesis.Count, n),
        NGrams.Number(reference.Count, n));

    /// <summary>ROUGE-L: the longest common subsequence.</summary>
    /// <param name="hypothesis">The answer's tokens.</param>
    /// <param name="reference">The reference's tokens.</param>
    public static RougeScore L(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference) =>
        Score(LongestCommon(hypothesis, reference), hypothesis.Count, reference.Count);

    private static RougeScore Score(int hits, int hypothesis, int reference)
    {
        var precision = hits / (double)Math.Max(1, hypothesis);
        var recall = hits / (double)Math.Max(1, reference);
        return new RougeScore(precision, recall, hits == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }

    private static int LongestCommon(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        var row = new int[b.Count + 1];
        foreach (var token in a)
        {
            var diagonal = 0;
            for (var j = 1; j <= b.Count; j++)
            {
                var above = row[j];
                row[j] = token == b[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }

        return row[^1];
    }
}
