namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>What the knowledge graph says of an answer.</summary>
public enum Verdict
{
    /// <summary>An answer template filled with exactly the graph's objects, each once, in any order.</summary>
    Right = 0,

    /// <summary>True objects only, but not all.</summary>
    Incomplete = 1,

    /// <summary>An object is named twice.</summary>
    Sloppy = 2,

    /// <summary>An object is named that the graph does not give.</summary>
    Wrong = 3,

    /// <summary>Not an answer template filled with objects of the relation.</summary>
    Malformed = 4,
}

/// <summary>Checks answers against the knowledge graph by form and content.</summary>
/// <param name="graph">The graph.</param>
public sealed class AnswerChecker(KnowledgeGraph graph)
{
    private readonly Dictionary<(string Language, string Relation), Dictionary<string, string>> _identities = Index(graph);

    /// <summary>Checks one answer; whether the model ended it (EOS) is the caller's to check.</summary>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="subject">The subject's name in either language.</param>
    /// <param name="relation">The relation.</param>
    /// <param name="text">The answer, exactly as it follows the prompt; English answers begin with a space.</param>
    /// <exception cref="ArgumentException">The graph has no such question.</exception>
    public Verdict Check(string language, string subject, string relation, string text)
    {
        var gold = Gold(subject, relation);
        var identities = _identities[(language, relation)];
        foreach (var (before, after) in AnswerTemplates.Of(language, relation))
        {
            if (Inner(text, before, after) is { } inner && Named(language, inner, identities) is { } named)
            {
                return Judge(named, gold);
            }
        }

        return Verdict.Malformed;
    }

    private static Verdict Judge(List<string> named, HashSet<string> gold)
    {
        var distinct = named.ToHashSet(StringComparer.Ordinal);
        if (distinct.Count < named.Count)
        {
            return Verdict.Sloppy;
        }

        return distinct.SetEquals(gold) ? Verdict.Right : distinct.IsProperSubsetOf(gold) ? Verdict.Incomplete : Verdict.Wrong;
    }

    private static string? Inner(string text, string before, string after) =>
        text.Length >= before.Length + after.Length
            && text.StartsWith(before, StringComparison.Ordinal)
            && text.EndsWith(after, StringComparison.Ordinal)
                ? text[before.Length..^after.Length]
                : null;

    /// <summary>The objects an answer's list names, or null where a part is no object or the list is not written as lists are.</summary>
    private static List<string>? Named(string language, string inner, Dictionary<string, string> identities)
    {
        var parts = language == Languages.Chinese ? inner.Split('、') : inner.Split([", ", " and "], StringSplitOptions.None);
        if (Languages.Join(language, parts) != inner)
        {
            return null;
        }

        var named = new List<string>(parts.Length);
        foreach (var part in parts)
        {
            if (!identities.TryGetValue(part, out var identity))
            {
                return null;
            }

            named.Add(identity);
        }

        return named;
    }

    private HashSet<string> Gold(string subject, string relation)
    {
        var found = graph.FindSubject(subject) ?? throw new ArgumentException($"the graph has no subject \"{subject}\"", nameof(subject));
        var objects = graph.Objects(new GraphKey(found.En, relation));
        return objects.Count > 0
            ? objects.Select(o => o.En).ToHashSet(StringComparer.Ordinal)
            : throw new ArgumentException($"the graph gives no {relation} of \"{subject}\"", nameof(relation));
    }

    private static Dictionary<(string Language, string Relation), Dictionary<string, string>> Index(KnowledgeGraph graph)
    {
        var index = new Dictionary<(string, string), Dictionary<string, string>>();
        foreach (var language in Languages.All)
        {
            foreach (var relation in graph.Keys.Select(k => k.Relation).Distinct())
            {
                index[(language, relation)] = graph.Pool(relation)
                    .DistinctBy(o => o.In(language))
                    .ToDictionary(o => o.In(language), o => o.En, StringComparer.Ordinal);
            }
        }

        return index;
    }
}
