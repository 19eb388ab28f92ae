using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>What a graph must offer before samples can be made of it; every shortcoming is reported at once.</summary>
internal static class GraphRequirements
{
    private const int MinimumKeys = 10;
    private const int ErrorLimit = 20;

    public static void Check(KnowledgeGraph graph)
    {
        var problems = new List<Problem>();
        var keys = graph.Keys.Where(k => GraphRelations.All.Contains(k.Relation)).ToList();
        if (keys.Count < MinimumKeys)
        {
            problems.Add(Bad($"{keys.Count} questions with one of the relations {string.Join(", ", GraphRelations.All)}; at least {MinimumKeys} are needed"));
        }

        problems.AddRange(keys.Where(k => graph.Objects(k).Count < 2)
            .Select(k => Bad($"\"{k.Subject}\" has one {k.Relation} only; incomplete answers need at least two")));
        problems.AddRange(keys.Where(k => NoWrongAnswer(graph, k))
            .Select(k => Bad($"no other subject has a {k.Relation} that \"{k.Subject}\" lacks; wrong answers need one")));
        problems.AddRange(keys.SelectMany(graph.Objects).Distinct().Where(HoldsSeparator)
            .Select(o => Bad($"the name \"{o.En}\" / \"{o.Zh}\" holds a list separator (\", \", \" and \" or \"、\")")));
        if (problems.Count > 0)
        {
            throw new ProblemException([.. problems.Take(ErrorLimit)]);
        }
    }

    private static bool NoWrongAnswer(KnowledgeGraph graph, GraphKey key) =>
        !graph.Pool(key.Relation).Except(graph.Objects(key)).Any();

    private static bool HoldsSeparator(BilingualName name) =>
        name.En.Contains(", ", StringComparison.Ordinal) || name.En.Contains(" and ", StringComparison.Ordinal) || name.Zh.Contains('、');

    private static Problem Bad(string message) => new(ErrorCodes.DataRecordInvalid, message);
}
