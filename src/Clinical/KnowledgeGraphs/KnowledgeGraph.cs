using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>A bilingual medical knowledge graph: triples in file order, with the lookups that questions and checks need.</summary>
public sealed class KnowledgeGraph
{
    private readonly Dictionary<GraphKey, List<BilingualName>> _objects = [];
    private readonly Dictionary<string, BilingualName> _subjects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<BilingualName>> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _groups = new(StringComparer.Ordinal);

    /// <summary>Builds a graph; repeated triples count once.</summary>
    /// <param name="triples">The edges, in order.</param>
    public KnowledgeGraph(IEnumerable<GraphTriple> triples)
    {
        var seen = new HashSet<(string, string, string)>();
        var kept = new List<GraphTriple>();
        foreach (var triple in triples.Where(t => seen.Add((t.Subject.En, t.Relation, t.Object.En))))
        {
            kept.Add(triple);
            Add(triple);
        }

        Triples = kept;
        Subjects = [.. kept.Select(t => t.Subject).DistinctBy(s => s.En)];
        Keys = [.. _objects.Keys];
    }

    /// <summary>Every edge, in file order.</summary>
    public IReadOnlyList<GraphTriple> Triples { get; }

    /// <summary>Every subject, in order of first mention.</summary>
    public IReadOnlyList<BilingualName> Subjects { get; }

    /// <summary>Every (subject, relation) that has an object, in order of first mention.</summary>
    public IReadOnlyList<GraphKey> Keys { get; }

    /// <summary>Finds a subject by its name in either language.</summary>
    /// <param name="name">English or Chinese name.</param>
    /// <returns>The subject, or null where the graph has none of that name.</returns>
    public BilingualName? FindSubject(string name) => _subjects.GetValueOrDefault(name);

    /// <summary>The objects of a question, in the graph's order; empty where there are none.</summary>
    /// <param name="key">Subject and relation.</param>
    public IReadOnlyList<BilingualName> Objects(GraphKey key) => _objects.TryGetValue(key, out var found) ? found : [];

    /// <summary>Every object of a relation, over all subjects, in order of first mention.</summary>
    /// <param name="relation">The relation.</param>
    public IReadOnlyList<BilingualName> Pool(string relation) => _pools.TryGetValue(relation, out var found) ? found : [];

    /// <summary>A subject's disease group, or null.</summary>
    /// <param name="subject">English name.</param>
    public string? Group(string subject) => _groups.GetValueOrDefault(subject);

    /// <summary>Reads a graph file.</summary>
    /// <param name="path">JSON lines of <c>{subject:{en,zh,group?}, relation, object:{en,zh}}</c>, UTF-8.</param>
    /// <exception cref="ProblemException">CGPT1001 missing; CGPT1002 empty; CGPT1003 for every line that is no triple.</exception>
    public static KnowledgeGraph Load(string path) => File.Exists(path)
        ? Parse(File.ReadAllText(path), path)
        : throw new ProblemException(ErrorCodes.DataFileMissing, "the knowledge graph does not exist. Check data.graph in the recipe.", path);

    /// <summary>Reads a graph from text.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="name">The file's name, for errors.</param>
    /// <exception cref="ProblemException">CGPT1002 empty; CGPT1003 for every line that is no triple.</exception>
    public static KnowledgeGraph Parse(string text, string name)
    {
        var triples = new List<GraphTriple>();
        var problems = new List<Problem>();
        var number = 0;
        foreach (var line in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            if (GraphLine.Read(line) is { } triple)
            {
                triples.Add(triple);
            }
            else
            {
                problems.Add(new Problem(ErrorCodes.DataRecordInvalid, GraphLine.Expected, name, number));
            }
        }

        if (problems.Count > 0)
        {
            throw new ProblemException([.. problems.Take(ErrorLimit)]);
        }

        return triples.Count > 0
            ? new KnowledgeGraph(triples)
            : throw new ProblemException(ErrorCodes.DataFileEmpty, "the knowledge graph holds no triple", name);
    }

    /// <summary>Writes the graph as JSON lines, as <see cref="Parse"/> reads them.</summary>
    public string Write() => string.Concat(Triples.Select(t => GraphLine.Write(t) + "\n"));

    private const int ErrorLimit = 20;

    private void Add(GraphTriple triple)
    {
        var key = new GraphKey(triple.Subject.En, triple.Relation);
        if (!_objects.TryGetValue(key, out var objects))
        {
            _objects[key] = objects = [];
        }

        objects.Add(triple.Object);
        _subjects.TryAdd(triple.Subject.En, triple.Subject);
        _subjects.TryAdd(triple.Subject.Zh, triple.Subject);
        if (!_pools.TryGetValue(triple.Relation, out var pool))
        {
            _pools[triple.Relation] = pool = [];
        }

        if (pool.TrueForAll(o => o.En != triple.Object.En))
        {
            pool.Add(triple.Object);
        }

        if (triple.Group is not null)
        {
            _groups.TryAdd(triple.Subject.En, triple.Group);
        }
    }
}
