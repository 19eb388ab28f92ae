namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Applies a <see cref="SplitBehavior"/> to matches and gaps.</summary>
internal static class SplitPieces
{
    /// <summary>Appends the pieces of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="marks">Matches and gaps that cover it.</param>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="invert">Whether gaps count as matches and matches as gaps.</param>
    /// <param name="pieces">Where the pieces go.</param>
    public static void Append(string text, List<Piece> marks, SplitBehavior behavior, bool invert, List<string> pieces)
    {
        var start = 0;
        var length = 0;
        var previousWasMatch = false;
        foreach (var mark in marks)
        {
            var isMatch = mark.IsMatch != invert;
            var joins = behavior switch
            {
                SplitBehavior.Contiguous => isMatch == previousWasMatch,
                SplitBehavior.MergedWithPrevious => isMatch && !previousWasMatch,
                SplitBehavior.MergedWithNext => !isMatch && previousWasMatch,
                _ => false,
            };
            if (!joins)
            {
                Flush();
                start = mark.Start;
                length = 0;
            }

            previousWasMatch = isMatch;
            if (!(isMatch && behavior == SplitBehavior.Removed))
            {
                length += mark.Length;
            }
        }

        Flush();

        void Flush()
        {
            if (length > 0)
            {
                pieces.Add(text.Substring(start, length));
            }
        }
    }

    /// <summary>Joins neighbouring gaps; matches stay apart.</summary>
    public static List<Piece> JoinGaps(List<Piece> marks)
    {
        var joined = new List<Piece>();
        foreach (var mark in marks)
        {
            if (!mark.IsMatch && joined.Count > 0 && !joined[^1].IsMatch)
            {
                joined[^1] = joined[^1] with { Length = joined[^1].Length + mark.Length };
            }
            else
            {
                joined.Add(mark);
            }
        }

        return joined;
    }
}
