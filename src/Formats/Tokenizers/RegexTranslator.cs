using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Rewrites a pattern of a tokenizer.json (Oniguruma, Ruby syntax) for .NET.</summary>
/// <remarks>What differs: a set inside a set is a union in Oniguruma and a literal bracket in .NET; case-insensitive
/// letters follow Unicode's folding, so that <c>s</c> also matches U+017F and <c>k</c> also U+212A.</remarks>
internal static class RegexTranslator
{
    /// <summary>Translates a pattern.</summary>
    /// <exception cref="NotSupportedException">It uses something that cannot be expressed.</exception>
    public static string Translate(string pattern)
    {
        if (pattern.Any(char.IsSurrogate))
        {
            throw new NotSupportedException("characters beyond U+FFFF in a pattern");
        }

        var result = new StringBuilder();
        var foldEnd = -1;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                result.Append(pattern[i]).Append(pattern[++i]);
            }
            else if (pattern[i] == '[')
            {
                i = AppendSet(pattern, i, result);
            }
            else
            {
                if (string.CompareOrdinal(pattern, i, "(?i:", 0, 4) == 0)
                {
                    foldEnd = EndOfGroup(pattern, i);
                }

                result.Append(i < foldEnd ? Folded(pattern, i) : pattern[i].ToString());
            }
        }

        return result.ToString();
    }

    private static string Folded(string pattern, int index) => pattern[index] switch
    {
        's' or 'S' => "[sS\u017F]",
        'k' or 'K' => "[kK\u212A]",
        var other => other.ToString(),
    };

    private static int EndOfGroup(string pattern, int start)
    {
        var depth = 0;
        for (var i = start; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\')
            {
                i++;
            }
            else if (pattern[i] == '(')
            {
                depth++;
            }
            else if (pattern[i] == ')' && --depth == 0)
            {
                return i;
            }
        }

        return pattern.Length;
    }

    /// <summary>Appends the set that begins at <paramref name="start"/>, nested sets flattened; returns where it ends.</summary>
    private static int AppendSet(string pattern, int start, StringBuilder result)
    {
        result.Append('[');
        var i = start + 1;
        if (i < pattern.Length && pattern[i] == '^')
        {
            result.Append('^');
            i++;
        }

        var depth = 1;
        for (; i < pattern.Length; i++)
        {
            switch (pattern[i])
            {
                case '\\' when i + 1 < pattern.Length:
                    result.Append(pattern[i]).Append(pattern[++i]);
                    break;
                case '[' when i + 1 < pattern.Length && pattern[i + 1] is '^' or ':':
                    throw new NotSupportedException("a negated or named set inside a set");
                case '[':
                    depth++;
                    break;
                case ']':
                    if (--depth == 0)
                    {
                        result.Append(']');
                        return i;
                    }

                    break;
                case '&' when i + 1 < pattern.Length && pattern[i + 1] == '&':
                    throw new NotSupportedException("an intersection of sets");
                default:
                    result.Append(pattern[i]);
                    break;
            }
        }

        throw new NotSupportedException("a set without an end");
    }
}
