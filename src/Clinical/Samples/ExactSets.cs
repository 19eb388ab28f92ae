using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Prompts whose sampled answers are checked against the graph.</summary>
internal static class ExactSets
{
    /// <summary>Two disjoint draws on the held-out wordings: one to watch during training, one for the report.</summary>
    public static (string Development, string HeldOut) HeldOutWordings(SampleSource source, int count)
    {
        var draws = source.Draw("heldout-wordings");
        var taken = new HashSet<SampleQuestion>();
        var asked = new List<SampleQuestion>();
        while (asked.Count < 2 * count)
        {
            asked.AddRange(source.Ask(draws, source.TrainingKeys, QuestionWordings.HeldOut, 2 * count).Where(taken.Add));
        }

        return (Rows(source, "dev", asked[..count]), Rows(source, "heldout-wordings", asked[count..(2 * count)]));
    }

    public static string NewPhrases(SampleSource source, int count) => Rows(
        source, "new-phrases", source.Ask(source.Draw("new-phrases"), source.TrainingKeys, QuestionWordings.New, count));

    public static string HeldOutPairs(SampleSource source, int wordings)
    {
        var draws = source.Draw("heldout-pairs-prompts");
        return Rows(source, "heldout-pairs", draws.Shuffle([.. Languages.All.SelectMany(l => source.HeldOutKeys.SelectMany(k =>
            draws.Subset(QuestionWordings.Training, wordings).Select(w => new SampleQuestion(l, k, w))))]));
    }

    private static string Rows(SampleSource source, string name, IReadOnlyList<SampleQuestion> asked) =>
        SampleJson.Lines(asked.Select((a, i) => new JsonObject
        {
            ["id"] = $"{name}-{i + 1:D5}",
            ["prompt"] = source.Prompt(a),
            ["completion"] = source.Answers.Plain(a.Language, a.Key),
        }.WithKey(a.Language, a.Key)));
}
