using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>The pretraining text: facts, a forum of mixed quality whose answers are followed by a verdict, general sentences.</summary>
internal static class PretrainText
{
    /// <summary>Written literally between an answer and its verdict, where the model's end-of-text token stands.</summary>
    public const string EndOfText = "</s>";

    private const double ForumShare = 0.8;
    private const int DocumentsPerGeneralSentence = 20;

    private static readonly (Verdict, double)[] ForumQuality =
        [(Verdict.Right, 0.30), (Verdict.Incomplete, 0.25), (Verdict.Sloppy, 0.15), (Verdict.Wrong, 0.30)];

    public static string Build(SampleSource source, int passes) => SampleJson.Lines(
        Enumerable.Range(0, passes)
            .SelectMany(pass => Pass(source, source.Draw("pretrain", pass)))
            .Select(text => new JsonObject { ["text"] = text }));

    /// <summary>One pass: every fact once in each language, the forum, the general sentences, in a drawn order.</summary>
    private static List<string> Pass(SampleSource source, Draws draws)
    {
        var documents = new List<string>();
        foreach (var language in Languages.All)
        {
            documents.AddRange(source.Keys.Select(key => Statement(source, draws, language, key)));
            foreach (var key in source.TrainingKeys)
            {
                if (draws.Next() < ForumShare)
                {
                    documents.Add(ForumEntry(source, draws, new SampleQuestion(language, key, draws.Pick(QuestionWordings.Training))));
                }
            }
        }

        var general = documents.Count / DocumentsPerGeneralSentence;
        for (var i = 0; i < general; i++)
        {
            documents.Add(draws.Pick(StatementPhrases.General));
        }

        return draws.Shuffle(documents);
    }

    private static string Statement(SampleSource source, Draws draws, string language, GraphKey key)
    {
        var name = source.Name(language, key.Subject);
        var phrases = language == Languages.Chinese ? StatementPhrases.Chinese : StatementPhrases.English;
        return draws.Pick(phrases[key.Relation])
            .Replace("{d}", name, StringComparison.Ordinal)
            .Replace("{D}", char.ToUpperInvariant(name[0]) + name[1..], StringComparison.Ordinal)
            .Replace("{x}", source.Answers.List(language, key), StringComparison.Ordinal);
    }

    private static string ForumEntry(SampleSource source, Draws draws, SampleQuestion asked)
    {
        var quality = draws.Weighted(ForumQuality);
        var answer = source.Answers.Write(draws, asked.Language, asked.Key, quality);
        return source.Prompt(asked) + answer + EndOfText + Judgement(asked.Language, quality);
    }

    private static string Judgement(string language, Verdict quality) => (language, quality) switch
    {
        (Languages.Chinese, Verdict.Right) => "正确",
        (Languages.Chinese, Verdict.Incomplete) => "不全",
        (Languages.Chinese, Verdict.Sloppy) => "重复",
        (Languages.Chinese, _) => "错误",
        (_, Verdict.Right) => "Correct",
        (_, Verdict.Incomplete) => "Incomplete",
        (_, Verdict.Sloppy) => "Repeated",
        _ => "Wrong",
    };
}
