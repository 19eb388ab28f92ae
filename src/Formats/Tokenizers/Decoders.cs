using System.Globalization;
using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Turns tokens back into text; the strings it returns are joined by the next decoder or at the end.</summary>
internal interface IDecoder
{
    /// <summary>The decoded parts.</summary>
    List<string> Decode(List<string> tokens);
}

/// <summary>One decoder after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<IDecoder> steps) : IDecoder
{
    public List<string> Decode(List<string> tokens) => steps.Aggregate(tokens, (current, step) => step.Decode(current));
}

/// <summary>Byte-level characters back to bytes; bytes that are not UTF-8 become U+FFFD.</summary>
internal sealed class ByteLevelDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            ByteLevelAlphabet.Decode(token, bytes);
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }
}

/// <summary>Replaces what a pattern matches in each token.</summary>
internal sealed class ReplaceDecoder(RegexSplitter pattern, string replacement) : IDecoder
{
    public List<string> Decode(List<string> tokens) => tokens.ConvertAll(token => pattern.Replace(token, replacement));
}

/// <summary>Runs of tokens like <c>&lt;0xE4&gt;</c> back to the text they spell; U+FFFD for each where they spell none.</summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public List<string> Decode(List<string> tokens)
    {
        var parts = new List<string>();
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
                && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                run.Add(value);
            }
            else
            {
                Flush(run, parts);
                parts.Add(token);
            }
        }

        Flush(run, parts);
        return parts;
    }

    private static void Flush(List<byte> run, List<string> parts)
    {
        if (run.Count == 0)
        {
            return;
        }

        try
        {
            parts.Add(Strict.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            parts.AddRange(Enumerable.Repeat("\uFFFD", run.Count));
        }

        run.Clear();
    }
}

/// <summary>Joins all tokens.</summary>
internal sealed class FuseDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens) => [string.Concat(tokens)];
}

/// <summary>Removes up to so many of a character from either end of each token.</summary>
internal sealed class StripDecoder(char character, int start, int stop) : IDecoder
{
    public List<string> Decode(List<string> tokens) => tokens.ConvertAll(Strip);

    private string Strip(string token)
    {
        var from = 0;
        while (from < start && from < token.Length && token[from] == character)
        {
            from++;
        }

        var to = token.Length;
        while (token.Length - to < stop && to > from && token[to - 1] == character)
        {
            to--;
        }

        return token[from..to];
    }
}
