using System.Buffers;
using System.Globalization;
using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>A token that is found in the text before anything else.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="Special">Whether decoding may skip it.</param>
/// <param name="Normalized">Whether it is looked for in the normalized text.</param>
/// <param name="SingleWord">Whether it counts only where no word character touches it.</param>
/// <param name="StripLeft">Whether it takes the white space before it.</param>
/// <param name="StripRight">Whether it takes the white space after it.</param>
internal sealed record AddedToken(
    int Id, string Content, bool Special, bool Normalized, bool SingleWord, bool StripLeft, bool StripRight);

/// <summary>Part of a text: an added token, or text between them.</summary>
/// <param name="Text">The text; empty for a token.</param>
/// <param name="Id">The token's id, or null.</param>
internal readonly record struct Segment(string Text, int? Id);

/// <summary>Finds added tokens in a text: leftmost first, then longest.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly Dictionary<char, List<(string Content, AddedToken Token)>> _byFirst = [];
    private readonly SearchValues<char> _firsts;

    /// <summary>A splitter for these tokens, each under the text it is looked for by.</summary>
    public AddedTokenSplitter(IEnumerable<(string Content, AddedToken Token)> tokens)
    {
        foreach (var entry in tokens.Where(entry => entry.Content.Length > 0))
        {
            if (!_byFirst.TryGetValue(entry.Content[0], out var list))
            {
                _byFirst[entry.Content[0]] = list = [];
            }

            list.Add(entry);
        }

        foreach (var list in _byFirst.Values)
        {
            list.Sort((a, b) => b.Content.Length.CompareTo(a.Content.Length));
        }

        _firsts = SearchValues.Create([.. _byFirst.Keys]);
    }

    /// <summary>Appends the segments of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="skipSpecial">Whether special tokens are read as text.</param>
    /// <param name="segments">Where the segments go.</param>
    public void Split(string text, bool skipSpecial, List<Segment> segments)
    {
        var done = 0;
        var position = 0;
        while (Find(text, ref position, out var content, out var token))
        {
            var start = position;
            var stop = start + content.Length;
            position = stop;
            if ((skipSpecial && token.Special) || (token.SingleWord && !StandsAlone(text, start, stop)))
            {
                continue;
            }

            while (token.StripLeft && start > done && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            while (token.StripRight && stop < text.Length && char.IsWhiteSpace(text[stop]))
            {
                stop++;
            }

            if (start > done)
            {
                segments.Add(new Segment(text[done..start], null));
            }

            segments.Add(new Segment("", token.Id));
            done = stop;
        }

        if (done < text.Length)
        {
            segments.Add(new Segment(text[done..], null));
        }
    }

    private bool Find(string text, ref int position, out string content, out AddedToken token)
    {
        while (position < text.Length)
        {
            var offset = text.AsSpan(position).IndexOfAny(_firsts);
            if (offset < 0)
            {
                break;
            }

            position += offset;
            foreach (var entry in _byFirst[text[position]])
            {
                if (string.CompareOrdinal(text, position, entry.Content, 0, entry.Content.Length) == 0)
                {
                    (content, token) = entry;
                    return true;
                }
            }

            position++;
        }

        (content, token) = ("", null!);
        return false;
    }

    private static bool StandsAlone(string text, int start, int stop)
    {
        Rune.DecodeLastFromUtf16(text.AsSpan(0, start), out var before, out _);
        Rune.DecodeFromUtf16(text.AsSpan(stop), out var after, out _);
        return (start == 0 || !IsWord(before)) && (stop == text.Length || !IsWord(after));
    }

    // Unicode's \w: letters, marks, decimal digits, letter numbers, connectors, joiners, and the circled letters.
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
