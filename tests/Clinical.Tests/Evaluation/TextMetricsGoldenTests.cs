using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Clinical.Tests.Evaluation;

/// <summary>Against NLTK 3.10.3 and rouge_score, on the tokens they were given.</summary>
public sealed class TextMetricsGoldenTests
{
    private const double Tolerance = 1e-9;

    private static readonly List<JsonObject> Cases =
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", "text-metrics.json")))!.AsArray().Select(c => c!.AsObject())];

    [Fact]
    public void Sentence_GoldenPairs_EqualTheReference()
    {
        var pairs = Cases.Where(c => c["corpus"] is null).ToList();

        Assert.Equal(12, pairs.Count);
        foreach (var pair in pairs)
        {
            var (hypothesis, reference) = Tokens(pair);
            for (var n = 1; n <= 4; n++)
            {
                Near(pair, $"nltk_sentence_bleu{n}", Bleu.Sentence(hypothesis, reference, n));
                Near(pair, $"nltk_sentence_bleu{n}_method1", Bleu.Sentence(hypothesis, reference, n, BleuSmoothing.Method1));
                Near(pair, $"nltk_sentence_bleu{n}_method3", Bleu.Sentence(hypothesis, reference, n, BleuSmoothing.Method3));
            }

            Near(pair, "nltk_sentence_gleu", Gleu.Sentence(hypothesis, reference));
            Near(pair, "rouge1", Rouge.N(hypothesis, reference, 1));
            Near(pair, "rouge2", Rouge.N(hypothesis, reference, 2));
            Near(pair, "rougeL", Rouge.L(hypothesis, reference));
        }
    }

    [Theory]
    [InlineData("zh-char")]
    [InlineData("en-space")]
    public void Corpus_GoldenSets_EqualTheReference(string tokenization)
    {
        var all = Cases.Where(c => c["tokenization"]!.GetValue<string>() == tokenization).ToList();
        var corpus = all.Single(c => c["corpus"] is not null);
        var pairs = all.Where(c => c["corpus"] is null).Select(Tokens).ToList();

        for (var n = 1; n <= 4; n++)
        {
            Near(corpus, $"nltk_corpus_bleu{n}", Bleu.Corpus(pairs, n));
        }

        Near(corpus, "nltk_corpus_gleu", Gleu.Corpus(pairs));
    }

    [Fact]
    public void Pair_GoldenTexts_GiveTheGoldenTokens()
    {
        foreach (var pair in Cases.Where(c => c["corpus"] is null))
        {
            var (hypothesis, reference) = TextTokens.Pair(pair["hypothesis"]!.GetValue<string>(), pair["reference"]!.GetValue<string>());

            Assert.Equal(Tokens(pair).Hypothesis, hypothesis);
            Assert.Equal(Tokens(pair).Reference, reference);
        }
    }

    private static (IReadOnlyList<string> Hypothesis, IReadOnlyList<string> Reference) Tokens(JsonObject pair) =>
        (List(pair["hyp_tokens"]!), List(pair["ref_tokens"]!));

    private static List<string> List(JsonNode node) => [.. node.AsArray().Select(t => t!.GetValue<string>())];

    private static void Near(JsonObject expected, string name, double actual)
    {
        var value = expected[name]!.GetValue<double>();
        Assert.True(Math.Abs(value - actual) <= Tolerance, $"{name}: expected {value}, got {actual}");
    }

    private static void Near(JsonObject expected, string name, RougeScore actual)
    {
        var score = expected[name]!.AsObject();
        Near(score, "precision", actual.Precision);
        Near(score, "recall", actual.Recall);
        Near(score, "f", actual.F);
    }
}
