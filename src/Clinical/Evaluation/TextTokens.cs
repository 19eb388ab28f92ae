using System.Text;

namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>The tokens text overlap is counted in. Declared, because figures of different tokenisations cannot be compared:
/// single characters where the reference holds a Han character (white space is dropped), else words, with punctuation at a
/// word's ends apart. Case is kept.</summary>
public static class TextTokens
{
    /// <summary>Name of the tokenisation, for reports.</summary>
    /// <param name="reference">The reference text, which decides.</param>
    public static string NameFor(string reference) => HasHan(reference) ? "characters" : "words";

    /// <summary>Tokens of an answer and its reference, both by the reference's tokenisation.</summary>
    /// <param name="hypothesis">The answer.</param>
    /// <param name="reference">The reference.</param>
    public static (IReadOnlyList<string> Hypothesis, IReadOnlyList<string> Reference) Pair(string hypothesis, string reference) =>
        HasHan(reference) ? (Characters(hypothesis), Characters(reference)) : (Words(hypothesis), Words(reference));

    /// <summary>Characters (Unicode code points) but white space.</summary>
    /// <param name="text">The text.</param>
    public static IReadOnlyList<string> Characters(string text) =>
        [.. text.EnumerateRunes().Where(r => !Rune.IsWhiteSpace(r)).Select(r => r.ToString())];

    /// <summary>Words between white space; punctuation before and after a word is a token of its own, one a character.</summary>
    /// <param name="text">The text.</param>
    public static IReadOnlyList<string> Words(string text)
    {
        var tokens = new List<string>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var start = 0;
            var end = word.Length;
            while (start < end && char.IsPunctuation(word[start]))
            {
                tokens.Add(word[start++].ToString());
            }

            while (end > start && char.IsPunctuation(word[end - 1]))
            {
                end--;
            }

            if (end > start)
            {
                tokens.Add(word[start..end]);
            }

            tokens.AddRange(word[end..].Select(c => c.ToString()));
        }

        return tokens;
    }

    private static bool HasHan(string text) => text.Any(c => c is >= '\u3400' and <= '\u9FFF');
}
