using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Cuts a text into the pieces within which tokens are merged.</summary>
internal interface IPreTokenizer
{
    /// <summary>Appends the pieces of <paramref name="text"/> to <paramref name="pieces"/>.</summary>
    void Split(string text, List<string> pieces);
}

/// <summary>One pre-tokenizer after the other, each on the pieces of the one before.</summary>
internal sealed class SequencePreTokenizer(IReadOnlyList<IPreTokenizer> steps) : IPreTokenizer
{
    public void Split(string text, List<string> pieces)
    {
        List<string> current = [text];
        foreach (var step in steps)
        {
            var next = new List<string>(current.Count);
            foreach (var piece in current)
            {
                step.Split(piece, next);
            }

            current = next;
        }

        pieces.AddRange(current);
    }
}

/// <summary>What becomes of the matches of a <see cref="SplitPreTokenizer"/>.</summary>
internal enum SplitBehavior
{
    /// <summary>They are dropped.</summary>
    Removed,

    /// <summary>Each is a piece of its own, as is each gap.</summary>
    Isolated,

    /// <summary>Each ends the gap before it.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the gap after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches make one piece.</summary>
    Contiguous,
}

/// <summary>Cuts along the matches of a pattern.</summary>
internal sealed class SplitPreTokenizer(RegexSplitter pattern, SplitBehavior behavior, bool invert) : IPreTokenizer
{
    public void Split(string text, List<string> pieces) =>
        SplitPieces.Append(text, pattern.Split(text), behavior, invert, pieces);
}

/// <summary>Cuts digits (general category N) from the rest.</summary>
internal sealed class DigitsPreTokenizer(bool individually) : IPreTokenizer
{
    public void Split(string text, List<string> pieces)
    {
        var marks = new List<Piece>();
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            marks.Add(new Piece(position, rune.Utf16SequenceLength, Rune.IsNumber(rune)));
            position += rune.Utf16SequenceLength;
        }

        var merged = SplitPieces.JoinGaps(marks);
        SplitPieces.Append(
            text, merged, individually ? SplitBehavior.Isolated : SplitBehavior.Contiguous, invert: false, pieces);
    }
}

/// <summary>Turns a text into its UTF-8 bytes, one printable character each, after GPT-2's cut where asked.</summary>
internal sealed class ByteLevelPreTokenizer(bool addPrefixSpace, bool useRegex) : IPreTokenizer
{
    private static readonly RegexSplitter Gpt2 = RegexSplitter.FromPattern(
        @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");

    public void Split(string text, List<string> pieces)
    {
        if (addPrefixSpace && !text.StartsWith(' '))
        {
            text = " " + text;
        }

        if (!useRegex)
        {
            pieces.Add(ByteLevelAlphabet.Encode(text));
            return;
        }

        foreach (var piece in Gpt2.Split(text))
        {
            pieces.Add(ByteLevelAlphabet.Encode(text.Substring(piece.Start, piece.Length)));
        }
    }
}
