using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Small stand-ins for the paper's data sets in their layouts: cMedQA-KG, MEDQA-MCMLE, MedDialog, MD-EHR.</summary>
internal static class PaperSamples
{
    private const int OptionCount = 5;
    private const string Letters = "ABCDE";

    /// <summary>Questions and answers by the paper's templates.</summary>
    public static string TripleQuestions(SampleSource source) => SampleJson.Lines(Languages.All.SelectMany(language =>
        TripleTemplates.Render(source.Graph, language, source.TrainingKeys).Select((q, i) => new JsonObject
        {
            ["id"] = $"triples-qa-{language}-{i + 1:D5}",
            ["prompt"] = QuestionWordings.Prompt(language, q.Question),
            ["completion"] = language == Languages.Chinese ? q.Answer : " " + q.Answer,
            ["kind"] = q.Relation,
            ["language"] = language,
        })));

    /// <summary>Exam questions on held-out wordings; the options are answers of five diseases, as many objects each as can be had.
    /// <c>prompt</c> is the layout the small model knows; without it the recipe's template would be used.</summary>
    public static string Exams(SampleSource source, int chinese, int english)
    {
        var draws = source.Draw("exams");
        var asked = source.Ask(draws, source.TrainingKeys, QuestionWordings.HeldOut, 4 * source.TrainingKeys.Count);
        var kept = asked.Where(a => a.Language == Languages.Chinese).Take(chinese)
            .Concat(asked.Where(a => a.Language == Languages.English).Take(english));
        return SampleJson.Lines(kept.Select((a, i) =>
        {
            var options = Options(source, draws, a);
            var right = options.IndexOf(source.Answers.List(a.Language, a.Key));
            return new JsonObject
            {
                ["id"] = $"exams-{i + 1:D5}",
                ["question"] = source.Question(a),
                ["prompt"] = source.Prompt(a),
                ["options"] = new JsonObject(options.Select((o, n) => KeyValuePair.Create(Letters[n].ToString(), (JsonNode?)o))),
                ["answer"] = options[right],
                ["meta_info"] = a.Key.Relation,
                ["answer_idx"] = Letters[right].ToString(),
            }.WithKey(a.Language, a.Key);
        }));
    }

    /// <summary>Chinese dialogues of two or three questions about one disease.</summary>
    public static string Dialogues(SampleSource source, int count)
    {
        var draws = source.Draw("dialogues");
        var bySubject = source.TrainingKeys.GroupBy(k => k.Subject).Where(g => g.Count() >= 3).Select(g => g.ToList()).ToList();
        return SampleJson.Lines(Enumerable.Range(1, count).Select(i =>
        {
            var turns = draws.Shuffle(draws.Pick(bySubject)).Take(draws.Between(2, 3));
            return new JsonObject
            {
                ["id"] = $"dialogues-{i:D5}",
                ["messages"] = new JsonArray([.. turns.SelectMany(key => Exchange(source, draws, key))]),
                ["language"] = Languages.Chinese,
            };
        }));
    }

    /// <summary>Chinese records, a complaint and examinations of one disease, as many of each disease group.</summary>
    public static string Records(SampleSource source, int count)
    {
        var draws = source.Draw("records");
        var training = source.TrainingKeys.ToHashSet();
        var groups = source.Graph.Subjects
            .Where(s => source.Graph.Group(s.En) is not null
                && training.Contains(new GraphKey(s.En, GraphRelations.Symptom)) && training.Contains(new GraphKey(s.En, GraphRelations.Test)))
            .GroupBy(s => source.Graph.Group(s.En)!).Select(g => (g.Key, Subjects: g.ToList())).ToList();
        return groups.Count == 0 ? "" : SampleJson.Lines(Enumerable.Range(0, count).Select(i =>
        {
            var (group, subjects) = groups[i % groups.Count];
            var subject = draws.Pick(subjects);
            return new JsonObject
            {
                ["id"] = $"records-{i + 1:D5}",
                ["record"] = Record(source, draws, subject.En),
                ["diagnosis"] = subject.Zh,
                ["group"] = group,
                ["language"] = Languages.Chinese,
            };
        }));
    }

    private static List<string> Options(SampleSource source, Draws draws, SampleQuestion asked)
    {
        var size = source.Graph.Objects(asked.Key).Count;
        var others = draws.Shuffle(source.Keys.Where(k => k.Relation == asked.Key.Relation).ToList())
            .OrderBy(k => Math.Abs(source.Graph.Objects(k).Count - size))
            .Where(k => source.Graph.Objects(k).Except(source.Graph.Objects(asked.Key)).Any())
            .Select(k => source.Answers.List(asked.Language, k)).Distinct().Take(OptionCount - 1);
        return draws.Shuffle([.. others, source.Answers.List(asked.Language, asked.Key)]);
    }

    private static JsonObject[] Exchange(SampleSource source, Draws draws, GraphKey key) =>
    [
        new JsonObject
        {
            ["role"] = "user",
            ["content"] = source.Question(new SampleQuestion(Languages.Chinese, key, draws.Pick(QuestionWordings.Training))),
        },
        new JsonObject { ["role"] = "assistant", ["content"] = source.Answers.Plain(Languages.Chinese, key) },
    ];

    private static string Record(SampleSource source, Draws draws, string subject)
    {
        var symptoms = source.Graph.Objects(new GraphKey(subject, GraphRelations.Symptom));
        var tests = source.Graph.Objects(new GraphKey(subject, GraphRelations.Test));
        var complaint = string.Join('、', draws.Subset(symptoms, draws.Between(2, symptoms.Count)).Select(o => o.Zh));
        var findings = string.Join('、', draws.Subset(tests, draws.Between(1, tests.Count)).Select(o => o.Zh));
        return $"主诉：{complaint}{draws.Between(1, 14)}天。\n检验检查：{findings}异常。";
    }
}
