namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>The two languages of the knowledge graph.</summary>
public static class Languages
{
    /// <summary>Chinese, <c>zh</c>.</summary>
    public const string Chinese = "zh";

    /// <summary>English, <c>en</c>.</summary>
    public const string English = "en";

    /// <summary>Both, Chinese first.</summary>
    public static IReadOnlyList<string> All { get; } = [Chinese, English];

    /// <summary>Joins names as a written list: <c>a、b</c>, or <c>a, b and c</c>.</summary>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="names">At least one name.</param>
    public static string Join(string language, IReadOnlyList<string> names) => (language, names.Count) switch
    {
        (_, 1) => names[0],
        (Chinese, _) => string.Join('、', names),
        _ => $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}",
    };
}
