using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Writes answers of a wanted quality.</summary>
/// <param name="graph">The graph.</param>
internal sealed class AnswerWriter(KnowledgeGraph graph)
{
    private const double ReplacedShare = 0.25;
    private const double AddedShare = 0.15;

    /// <summary>The right answer in the plain template.</summary>
    public string Plain(string language, GraphKey key) =>
        AnswerTemplates.Fill(AnswerTemplates.Of(language, key.Relation)[0], language, Names(language, graph.Objects(key)));

    /// <summary>The objects of a question as a written list, without a template.</summary>
    public string List(string language, GraphKey key) => Languages.Join(language, Names(language, graph.Objects(key)));

    /// <summary>An answer the checker gives the wanted verdict, in one of the relation's templates.</summary>
    public string Write(Draws draws, string language, GraphKey key, Verdict quality)
    {
        var objects = quality switch
        {
            Verdict.Right => graph.Objects(key),
            Verdict.Incomplete => draws.Subset(graph.Objects(key), draws.Between(1, graph.Objects(key).Count - 1)),
            Verdict.Sloppy => Repeated(draws, key),
            Verdict.Wrong => Wrong(draws, key),
            _ => throw new ArgumentOutOfRangeException(nameof(quality), quality, "no answer is written malformed"),
        };
        return AnswerTemplates.Fill(draws.Pick(AnswerTemplates.Of(language, key.Relation)), language, Names(language, objects));
    }

    private List<BilingualName> Repeated(Draws draws, GraphKey key)
    {
        var objects = graph.Objects(key).ToList();
        var again = draws.Pick(objects);
        objects.Insert(draws.Between(1, objects.Count), again);
        return objects;
    }

    /// <summary>One object replaced, one false object added, or another subject's whole answer: the last keeps answer-only
    /// judgement from working.</summary>
    private List<BilingualName> Wrong(Draws draws, GraphKey key)
    {
        var objects = graph.Objects(key).ToList();
        var wrong = graph.Pool(key.Relation).Where(o => !objects.Contains(o)).ToList();
        var kind = draws.Next();
        if (kind < ReplacedShare)
        {
            objects[draws.Below(objects.Count)] = draws.Pick(wrong);
            return objects;
        }

        if (kind < ReplacedShare + AddedShare)
        {
            objects.Insert(draws.Between(0, objects.Count), draws.Pick(wrong));
            return objects;
        }

        var others = graph.Subjects
            .Select(s => graph.Objects(key with { Subject = s.En }))
            .Where(o => o.Except(objects).Any())
            .ToList();
        return [.. draws.Pick(others)];
    }

    private static List<string> Names(string language, IEnumerable<BilingualName> objects) => [.. objects.Select(o => o.In(language))];
}
