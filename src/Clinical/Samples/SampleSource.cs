using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>One question in one wording and language.</summary>
internal readonly record struct SampleQuestion(string Language, GraphKey Key, int Wording);

/// <summary>What every sample file is made from: the graph, the split of its questions and the seed.</summary>
internal sealed class SampleSource
{
    private const double HeldOutShare = 0.1;

    public SampleSource(KnowledgeGraph graph, long seed)
    {
        Graph = graph;
        Seed = seed;
        Answers = new AnswerWriter(graph);
        var keys = graph.Keys.Where(k => GraphRelations.All.Contains(k.Relation)).ToList();
        var held = new Draws(seed, "samples/heldout-pairs").Subset(keys, (int)(keys.Count * HeldOutShare)).ToHashSet();
        Keys = keys;
        HeldOutKeys = [.. keys.Where(held.Contains)];
        TrainingKeys = [.. keys.Where(k => !held.Contains(k))];
    }

    public KnowledgeGraph Graph { get; }

    public long Seed { get; }

    public AnswerWriter Answers { get; }

    /// <summary>Every question.</summary>
    public IReadOnlyList<GraphKey> Keys { get; }

    /// <summary>Questions asked in training data.</summary>
    public IReadOnlyList<GraphKey> TrainingKeys { get; }

    /// <summary>Questions that are stated in the pretraining text but never asked.</summary>
    public IReadOnlyList<GraphKey> HeldOutKeys { get; }

    public Draws Draw(string what, long step = 0) => new(Seed, $"samples/{what}", step);

    public string Name(string language, string subject) => Graph.FindSubject(subject)!.In(language);

    public string Question(SampleQuestion asked) =>
        QuestionWordings.Question(asked.Language, asked.Key.Relation, Name(asked.Language, asked.Key.Subject), asked.Wording);

    public string Prompt(SampleQuestion asked) => QuestionWordings.Prompt(asked.Language, Question(asked));

    /// <summary>Questions in passes: each pass asks every key once in each language, in a drawn order and drawn wordings.</summary>
    public List<SampleQuestion> Ask(Draws draws, IReadOnlyList<GraphKey> keys, IReadOnlyList<int> wordings, int count)
    {
        var asked = new List<SampleQuestion>(count);
        var all = Languages.All.SelectMany(l => keys.Select(k => (Language: l, Key: k))).ToList();
        while (asked.Count < count)
        {
            asked.AddRange(draws.Shuffle(all).Select(a => new SampleQuestion(a.Language, a.Key, draws.Pick(wordings))));
        }

        return asked[..count];
    }
}
