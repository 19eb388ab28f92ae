namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>Google's GLEU (Wu et al. 2016): common n-grams of orders 1 to 4 over the larger of the two totals.</summary>
public static class Gleu
{
    private const int Order = 4;

    /// <summary>GLEU of one answer, [0, 1].</summary>
    /// <param name="hypothesis">The answer's tokens.</param>
    /// <param name="reference">The reference's tokens.</param>
    public static double Sentence(IReadOnlyList<string> hypothesis, IReadOnlyList<string> reference) => Corpus([(hypothesis, reference)]);

    /// <summary>GLEU of a whole set, [0, 1]: counts are added over the answers first.</summary>
    /// <param name="pairs">Tokens of answers and references.</param>
    public static double Corpus(IReadOnlyList<(IReadOnlyList<string> Hypothesis, IReadOnlyList<string> Reference)> pairs)
    {
        long hits = 0;
        long total = 0;
        foreach (var (hypothesis, reference) in pairs)
        {
            var orders = Enumerable.Range(1, Order).ToList();
            hits += orders.Sum(n => NGrams.Overlap(NGrams.Count(hypothesis, n), NGrams.Count(reference, n)));
            total += Math.Max(orders.Sum(n => NGrams.Number(hypothesis.Count, n)), orders.Sum(n => NGrams.Number(reference.Count, n)));
        }

        return total == 0 ? 0 : (double)hits / total;
    }
}
