using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Rows for SFT, the reward model and PPO.</summary>
internal static class TrainingSamples
{
    private static readonly (Verdict, double)[] SftQuality =
        [(Verdict.Right, 0.60), (Verdict.Incomplete, 0.20), (Verdict.Wrong, 0.12), (Verdict.Sloppy, 0.08)];

    /// <summary>Few incomplete&gt;wrong and many right&gt;incomplete pairs: the other way round the policy learns to answer with one object.</summary>
    private static readonly ((Verdict Chosen, Verdict Rejected), double)[] Comparisons =
    [
        ((Verdict.Right, Verdict.Wrong), 0.40),
        ((Verdict.Right, Verdict.Incomplete), 0.40),
        ((Verdict.Right, Verdict.Sloppy), 0.10),
        ((Verdict.Incomplete, Verdict.Wrong), 0.10),
    ];

    public static string Sft(SampleSource source, string name, IReadOnlyList<int> wordings, int count)
    {
        var draws = source.Draw(name);
        return SampleJson.Lines(source.Ask(draws, source.TrainingKeys, wordings, count).Select((asked, i) =>
        {
            var quality = draws.Weighted(SftQuality);
            return new JsonObject
            {
                ["id"] = $"{name}-{i + 1:D5}",
                ["prompt"] = source.Prompt(asked),
                ["completion"] = source.Answers.Write(draws, asked.Language, asked.Key, quality),
            }.WithKey(asked.Language, asked.Key);
        }));
    }

    public static string Reward(SampleSource source, string name, IReadOnlyList<int> wordings, int count)
    {
        var draws = source.Draw(name);
        return SampleJson.Lines(source.Ask(draws, source.TrainingKeys, wordings, count).Select((asked, i) =>
        {
            var (chosen, rejected) = draws.Weighted(Comparisons);
            return new JsonObject
            {
                ["id"] = $"{name}-{i + 1:D5}",
                ["prompt"] = source.Prompt(asked),
                ["chosen"] = source.Answers.Write(draws, asked.Language, asked.Key, chosen),
                ["rejected"] = source.Answers.Write(draws, asked.Language, asked.Key, rejected),
                ["kind"] = $"{Word(chosen)}>{Word(rejected)}",
            }.WithKey(asked.Language, asked.Key);
        }));
    }

    /// <summary>The shape in which people rank answers: from best to worst. A bare question takes the recipe's template, so
    /// these rows are in the template's language.</summary>
    public static string Ranked(SampleSource source, int count)
    {
        var draws = source.Draw("ranked");
        var questions = source.Ask(draws, source.TrainingKeys, QuestionWordings.Training, 2 * count + source.TrainingKeys.Count * 2)
            .Where(a => a.Language == Languages.Chinese).Take(count);
        return SampleJson.Lines(questions.Select((asked, i) => new JsonObject
        {
            ["id"] = $"ranked-{i + 1:D5}",
            ["question"] = source.Question(asked),
            ["answers"] = new JsonArray(
                source.Answers.Write(draws, asked.Language, asked.Key, Verdict.Right),
                source.Answers.Write(draws, asked.Language, asked.Key, Verdict.Incomplete),
                source.Answers.Write(draws, asked.Language, asked.Key, Verdict.Wrong)),
        }.WithKey(asked.Language, asked.Key)));
    }

    /// <summary>Every training question in both languages and several training wordings.</summary>
    public static string Prompts(SampleSource source, int wordings)
    {
        var draws = source.Draw("prompts");
        var asked = Languages.All.SelectMany(l => source.TrainingKeys.SelectMany(k =>
            draws.Subset(QuestionWordings.Training, wordings).Select(w => new SampleQuestion(l, k, w)))).ToList();
        return SampleJson.Lines(draws.Shuffle(asked).Select((a, i) => new JsonObject
        {
            ["id"] = $"prompts-{i + 1:D5}",
            ["prompt"] = source.Prompt(a),
        }.WithKey(a.Language, a.Key)));
    }

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}
