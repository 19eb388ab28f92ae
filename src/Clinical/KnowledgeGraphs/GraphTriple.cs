namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>A name in both languages.</summary>
/// <param name="En">English; also the entity's identity.</param>
/// <param name="Zh">Chinese.</param>
public sealed record BilingualName(string En, string Zh)
{
    /// <summary>The name in a language.</summary>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    public string In(string language) => language == Languages.Chinese ? Zh : En;
}

/// <summary>One edge: subject, relation, object.</summary>
/// <param name="Subject">The disease.</param>
/// <param name="Relation">One of <see cref="GraphRelations.All"/>, or a relation of the user's own.</param>
/// <param name="Object">What the relation leads to.</param>
/// <param name="Group">The subject's disease group, or null.</param>
public sealed record GraphTriple(BilingualName Subject, string Relation, BilingualName Object, string? Group = null);

/// <summary>A question the graph answers: subject (English name) and relation.</summary>
/// <param name="Subject">English name of the subject.</param>
/// <param name="Relation">The relation.</param>
public readonly record struct GraphKey(string Subject, string Relation);
