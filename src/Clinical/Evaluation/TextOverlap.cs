namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>The measures of the paper's table 2 over a set of answers: means over the cases, and corpus BLEU and GLEU.</summary>
public static class TextOverlap
{
    private static readonly int[] Orders = [1, 2, 3, 4];

    /// <summary>Measures answers against references.</summary>
    /// <param name="cases">Answers and references as text; at least one.</param>
    /// <returns>Figures in [0, 1]: <c>bleu-1</c> to <c>bleu-4</c> (method 3), <c>gleu</c>, <c>rouge-1</c>, <c>rouge-2</c>, <c>rouge-l</c> (F), and
    /// <c>corpus-bleu-1</c> to <c>corpus-bleu-4</c>, <c>corpus-gleu</c>.</returns>
    public static Dictionary<string, double> Measure(IReadOnlyList<(string Answer, string Reference)> cases)
    {
        var tokens = cases.Select(c => TextTokens.Pair(c.Answer, c.Reference)).ToList();
        var figures = new Dictionary<string, double>();
        foreach (var n in Orders)
        {
            figures[$"bleu-{n}"] = tokens.Average(t => Bleu.Sentence(t.Hypothesis, t.Reference, n, BleuSmoothing.Method3));
            figures[$"corpus-bleu-{n}"] = Bleu.Corpus(tokens, n);
        }

        figures["gleu"] = tokens.Average(t => Gleu.Sentence(t.Hypothesis, t.Reference));
        figures["corpus-gleu"] = Gleu.Corpus(tokens);
        figures["rouge-1"] = tokens.Average(t => Rouge.N(t.Hypothesis, t.Reference, 1).F);
        figures["rouge-2"] = tokens.Average(t => Rouge.N(t.Hypothesis, t.Reference, 2).F);
        figures["rouge-l"] = tokens.Average(t => Rouge.L(t.Hypothesis, t.Reference).F);
        return figures;
    }
}
