namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>Finds names in text, as wholes: no Latin word cut in two, no list that goes on.</summary>
internal static class TextSearch
{
    private static readonly string[] Separators = ["、", ", ", " and "];

    /// <summary>Full-width letters, digits and signs as ASCII, one character for one. (Unicode normalisation does nothing here in
    /// globalization-invariant mode, which the program runs in.)</summary>
    public static string Fold(string text) => string.Create(text.Length, text, (folded, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            folded[i] = source[i] switch
            {
                >= '\uFF01' and <= '\uFF5E' => (char)(source[i] - 0xFEE0),
                '\u3000' => ' ',
                _ => source[i],
            };
        }
    });

    /// <summary>Whether a name occurs.</summary>
    public static bool Holds(string text, string name) => Find(text, name).Any();

    /// <summary>Where a name occurs.</summary>
    public static IEnumerable<int> Find(string text, string name)
    {
        for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase);
            name.Length > 0 && at >= 0;
            at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (IsWhole(text, at, name))
            {
                yield return at;
            }
        }
    }

    private static bool IsWhole(string text, int at, string name)
    {
        var end = at + name.Length;
        var cutBefore = at > 0 && IsWordPart(text[at - 1]) && IsWordPart(name[0]);
        var cutAfter = end < text.Length && IsWordPart(text[end]) && IsWordPart(name[^1]);
        return !cutBefore && !cutAfter && !(IsList(name) && GoesOn(text, at, end));
    }

    private static bool IsList(string name) => Array.Exists(Separators, s => name.Contains(s, StringComparison.Ordinal));

    private static bool GoesOn(string text, int at, int end) => Array.Exists(
        Separators, s => text.AsSpan(0, at).EndsWith(s, StringComparison.Ordinal) || text.AsSpan(end).StartsWith(s, StringComparison.Ordinal));

    private static bool IsWordPart(char c) => char.IsAsciiLetterOrDigit(c);
}
