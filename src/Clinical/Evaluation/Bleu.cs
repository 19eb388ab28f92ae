namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>What stands for a precision of zero (Chen and Cherry 2014).</summary>
public enum BleuSmoothing
{
    /// <summary>The smallest normal double: a missing order makes the score practically 0.</summary>
    None = 0,

    /// <summary>Method 1: 0.1 in place of a count of 0.</summary>
    Method1 = 1,

    /// <summary>Method 3: 1/2, 1/4, .. in place of the counts of 0 (NIST).</summary>
    Method3 = 3,
}

/// <summary>BLEU with uniform weights and one reference (Papineni et al. 2002), as NLTK computes it.</summary>
public static class Bleu
{
    private const double SmallestNormal = 2.2250738585072014e-308;
    private const double Method1Count = 0.1;

    /// <summary>BLEU of one answer, [0, 1].</summary>
    /// <param name="hypothesis">The answer's tokens.</param>
    /// <param name="reference">The reference's tokens.</param>
    /// <param name="order">Longest n-gram, 1 to 4 usually.</param>
    /// <param name="smoothing">What stands for a precision of zero.</param>
    public static double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference, int order, BleuSmoothing smoothing = BleuSmoothing.None) =>
        Corpus([(hypothesis, reference)], order, smoothing);

    /// <summary>BLEU of a whole set, [0, 1]: counts are added over the answers before precisions are taken.</summary>
    /// <param name="pairs">Tokens of answers and references.</param>
    /// <param name="order">Longest n-gram.</param>
    /// <param name="smoothing">What stands for a precision of zero.</param>
    public static double Corpus(
        IReadOnlyList<(IReadOnlyList<string> Hypothesis, IReadOnlyList<string> Reference)> pairs, int order, BleuSmoothing smoothing = BleuSmoothing.None)
    {
        var hits = new long[order];
        var totals = new long[order];
        foreach (var (hypothesis, reference) in pairs)
        {
            for (var n = 1; n <= order; n++)
            {
                hits[n - 1] += NGrams.Overlap(NGrams.Count(hypothesis, n), NGrams.Count(reference, n));
                totals[n - 1] += Math.Max(1, NGrams.Number(hypothesis.Count, n));
            }
        }

        if (pairs.Count == 0 || hits[0] == 0)
        {
            return 0;
        }

        var penalty = BrevityPenalty(pairs.Sum(p => (long)p.Hypothesis.Count), pairs.Sum(p => (long)p.Reference.Count));
        return penalty * Math.Exp(Precisions(hits, totals, smoothing).Average(Math.Log));
    }

    private static IEnumerable<double> Precisions(long[] hits, long[] totals, BleuSmoothing smoothing)
    {
        var halvings = 0;
        for (var i = 0; i < hits.Length; i++)
        {
            yield return (hits[i], smoothing) switch
            {
                ( > 0, _) => (double)hits[i] / totals[i],
                (_, BleuSmoothing.Method1) => Method1Count / totals[i],
                (_, BleuSmoothing.Method3) => 1 / (Math.Pow(2, ++halvings) * totals[i]),
                _ => SmallestNormal,
            };
        }
    }

    private static double BrevityPenalty(long hypothesis, long reference) =>
        hypothesis > reference ? 1 : Math.Exp(1 - ((double)reference / hypothesis));
}
