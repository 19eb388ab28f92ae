using System.Globalization;
using System.Text.RegularExpressions;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>A span of a text, and whether the pattern matched it.</summary>
/// <param name="Start">First UTF-16 unit.</param>
/// <param name="Length">UTF-16 units.</param>
/// <param name="IsMatch">False: a gap between matches.</param>
internal readonly record struct Piece(int Start, int Length, bool IsMatch);

/// <summary>Cuts a text into the matches of a pattern and the gaps between them.</summary>
/// <remarks>.NET's patterns see UTF-16 units, so a letter beyond U+FFFF would be no letter. Before matching, each such code
/// point is replaced by one rare character of the same general category, and positions are mapped back.</remarks>
internal sealed class RegexSplitter
{
    // One rare stand-in below U+10000 for each general category, in the order of UnicodeCategory.
    private static readonly char[] StandIns =
    [
        '\uA640', '\uA641', '\u1F88', '\uA015', '\uA000', '\uA66F', '\uA823', '\uA670', '\uA620', '\uA6E6', '\uA830',
        '\u2001', '\u2028', '\u2029', '\u0080', '\uFFF9', '\uE000', '\uE000', '\uFE33', '\u2E17', '\u2E22', '\u2E23',
        '\u2E02', '\u2E03', '\uA60D', '\u2A00', '\uA838', '\uA700', '\uA490', '\u2FE0',
    ];

    private readonly Regex _regex;

    private RegexSplitter(Regex regex) => _regex = regex;

    /// <summary>A splitter for a pattern of a tokenizer.json.</summary>
    /// <exception cref="NotSupportedException">The pattern cannot be expressed in .NET.</exception>
    /// <exception cref="ArgumentException">The pattern is not valid.</exception>
    public static RegexSplitter FromPattern(string pattern) =>
        new(new Regex(
            RegexTranslator.Translate(pattern),
            RegexOptions.CultureInvariant | RegexOptions.Multiline | RegexOptions.Compiled));

    /// <summary>A splitter for a fixed string.</summary>
    public static RegexSplitter FromText(string text) =>
        new(new Regex(Regex.Escape(text), RegexOptions.CultureInvariant));

    /// <summary>Matches and gaps in order; together they are the whole text.</summary>
    public List<Piece> Split(string text)
    {
        var positions = Project(text, out var projected);
        var pieces = new List<Piece>();
        var end = 0;
        foreach (var match in _regex.EnumerateMatches(projected))
        {
            if (match.Length == 0)
            {
                continue;
            }

            Add(pieces, positions, end, match.Index, isMatch: false);
            end = match.Index + match.Length;
            Add(pieces, positions, match.Index, end, isMatch: true);
        }

        Add(pieces, positions, end, projected.Length, isMatch: false);
        return pieces;
    }

    /// <summary>Replaces every match.</summary>
    public string Replace(string text, string replacement) =>
        string.Concat(Split(text).Select(piece => piece.IsMatch ? replacement : text.Substring(piece.Start, piece.Length)));

    private static void Add(List<Piece> pieces, int[]? positions, int start, int end, bool isMatch)
    {
        if (end > start)
        {
            var from = positions is null ? start : positions[start];
            var to = positions is null ? end : positions[end];
            pieces.Add(new Piece(from, to - from, isMatch));
        }
    }

    /// <summary>The text with one UTF-16 unit per code point, and where each came from (null: nowhere else).</summary>
    private static int[]? Project(string text, out string projected)
    {
        projected = text;
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return null;
        }

        var units = new char[text.Length];
        var positions = new int[text.Length + 1];
        var count = 0;
        for (var i = 0; i < text.Length; i++)
        {
            positions[count] = i;
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                units[count++] = StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(text, i)];
                i++;
            }
            else
            {
                units[count++] = text[i];
            }
        }

        positions[count] = text.Length;
        projected = new string(units, 0, count);
        return positions;
    }
}
