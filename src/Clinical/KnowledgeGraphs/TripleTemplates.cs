namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>A question and its answer made from triples.</summary>
/// <param name="Question">The question, without any layout.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Relation">The relation of the triples.</param>
public sealed record TripleQuestion(string Question, string Answer, string Relation);

/// <summary>Turns triples into questions and answers by the templates of ClinicalGPT's appendix B (table 8).</summary>
public static class TripleTemplates
{
    /// <summary>Drug to the diseases it treats: the relation <c>drug</c> turned round.</summary>
    public const string Indication = "indication";

    /// <summary>Disease to diseases it goes with.</summary>
    public const string Related = "related";

    /// <summary>Drug to drugs it interacts with.</summary>
    public const string Interaction = "interaction";

    /// <summary>Drug to the symptoms it treats.</summary>
    public const string Relief = "relief";

    /// <summary>The relations templates exist for.</summary>
    public static IReadOnlyList<string> Relations => [.. Chinese.Keys];

    /// <summary>Renders one subject's triples of one relation with every template of that relation.</summary>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="relation">One of <see cref="Relations"/>; others give nothing.</param>
    /// <param name="subject">The subject's name in that language.</param>
    /// <param name="objects">The objects' names in that language; at least one.</param>
    public static IReadOnlyList<TripleQuestion> Render(string language, string relation, string subject, IReadOnlyList<string> objects)
    {
        var templates = (language == Languages.Chinese ? Chinese : English).GetValueOrDefault(relation, []);
        var list = Languages.Join(language, objects);
        return [.. templates.Select(t => new TripleQuestion(Fill(t.Question, subject, list), Fill(t.Answer, subject, list), relation))];
    }

    /// <summary>Renders whole questions of a graph, and the drugs' indications that follow from its <c>drug</c> edges.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="keys">The questions to use; edges of others are left out, in the indications too.</param>
    public static IReadOnlyList<TripleQuestion> Render(KnowledgeGraph graph, string language, IReadOnlyList<GraphKey> keys)
    {
        var direct = keys.SelectMany(k => Render(
            language, k.Relation, graph.FindSubject(k.Subject)!.In(language), [.. graph.Objects(k).Select(o => o.In(language))]));
        var indications = keys.Where(k => k.Relation == GraphRelations.Drug)
            .SelectMany(k => graph.Objects(k).Select(drug => (Drug: drug, Disease: graph.FindSubject(k.Subject)!)))
            .GroupBy(edge => edge.Drug)
            .SelectMany(g => Render(language, Indication, g.Key.In(language), [.. g.Select(edge => edge.Disease.In(language))]));
        return [.. direct, .. indications];
    }

    private static Dictionary<string, (string Question, string Answer)[]> Chinese { get; } = new(StringComparer.Ordinal)
    {
        [Related] = [("{s}可能与哪些其他疾病有关？", "{s}可能与{o}有关联。")],
        [GraphRelations.Symptom] =
        [
            ("{s}有哪些常见症状？", "{s}的常见症状包括{o}。"),
            ("患有{s}的患者可能出现哪些症状？", "{s}患者可能出现如{o}等症状。"),
            ("{s}的典型临床表现是什么？", "{s}的典型临床表现包括{o}。"),
            ("患有{s}的患者在临床上通常表现为哪些症状？", "患有{s}的患者在临床上通常表现为{o}。"),
        ],
        [GraphRelations.Test] =
        [
            ("诊断{s}需要进行哪些检查？", "诊断{s}需要进行如{o}等检查。"),
            ("如何检查以确定患有{s}？", "确定患有{s}需要进行{o}等检查。"),
        ],
        [Indication] =
        [
            ("{s}主要用于治疗哪些疾病？", "{s}主要用于治疗{o}等疾病。"),
            ("{s}的适应症是什么？", "{s}的适应症包括{o}。"),
        ],
        [GraphRelations.Treatment] =
        [
            ("如何治疗{s}？", "治疗{s}的方法包括{o}。"),
            ("{s}的常见治疗方法有哪些？", "{s}的常见治疗方法包括{o}。"),
        ],
        [GraphRelations.Complication] =
        [
            ("{s}会引起哪些并发症？", "{s}会引起{o}等并发症。"),
            ("患有{s}的患者可能出现哪些并发症？", "患有{s}的患者可能出现{o}等并发症。"),
        ],
        [Interaction] =
        [
            ("{s}与哪些药物存在相互作用？", "{s}与{o}存在相互作用。"),
            ("使用{s}时需要注意哪些药物相互作用？", "使用{s}时需注意与{o}的相互作用。"),
        ],
        [Relief] =
        [
            ("{s}主要用于治疗哪些症状？", "{s}主要用于治疗{o}等症状。"),
            ("{s}的主要治疗作用是什么？", "{s}的主要治疗作用为治疗{o}。"),
        ],
    };

    private static Dictionary<string, (string Question, string Answer)[]> English { get; } = new(StringComparer.Ordinal)
    {
        [Related] =
        [
            ("What diseases are related to {s}?", "{S} may be related to {o}."),
            ("What other diseases may be associated with {s}?", "{S} may be associated with {o}."),
        ],
        [GraphRelations.Symptom] =
        [
            ("What are the common symptoms of {s}?", "The common symptoms of {s} include {o}."),
            ("What symptoms might a patient with {s} exhibit?", "Patients with {s} may exhibit symptoms such as {o}."),
            ("What are the typical clinical manifestations of {s}?", "The typical clinical manifestations of {s} include {o}."),
            ("What symptoms do patients with {s} typically present in a clinical setting?", "Patients with {s} typically present with {o} in a clinical setting."),
        ],
        [GraphRelations.Test] =
        [
            ("What tests are needed to diagnose {s}?", "Tests such as {o} are required to diagnose {s}."),
            ("How can one check to confirm if they have {s}?", "To confirm if one has {s}, tests such as {o} are required."),
        ],
        [Indication] =
        [
            ("What diseases can {s} primarily treat?", "{S} is primarily used to treat diseases such as {o}."),
            ("What are the indications of {s}?", "The indications of {s} include {o}."),
        ],
        [GraphRelations.Treatment] =
        [
            ("How can {s} be treated?", "{S} can be treated with methods such as {o}."),
            ("What are the common treatment methods for {s}?", "The common treatment methods for {s} include {o}."),
        ],
        [GraphRelations.Complication] =
        [
            ("What complications can {s} cause?", "{S} can cause complications such as {o}."),
            ("What complications might a patient with {s} develop?", "A patient with {s} might develop complications such as {o}."),
        ],
        [Interaction] =
        [
            ("What drugs interact with {s}?", "{S} interacts with {o}."),
            ("What drug interactions should be considered when using {s}?", "When using {s}, interactions with {o} should be considered."),
        ],
        [Relief] =
        [
            ("What symptoms can {s} primarily treat?", "{S} is primarily used to treat symptoms such as {o}."),
            ("What is the main therapeutic action of {s}?", "The main therapeutic action of {s} is to treat {o}."),
        ],
    };

    private static string Fill(string template, string subject, string objects) => template
        .Replace("{s}", subject, StringComparison.Ordinal)
        .Replace("{S}", char.ToUpperInvariant(subject[0]) + subject[1..], StringComparison.Ordinal)
        .Replace("{o}", objects, StringComparison.Ordinal);
}
