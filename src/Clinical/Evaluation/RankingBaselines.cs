namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>What a reward model must beat: ranking by length alone.</summary>
public static class RankingBaselines
{
    /// <summary>Accuracy of the better of the rules "the longer answer" and "the shorter answer"; equal lengths count one half. [0.5, 1].</summary>
    /// <param name="lengths">Tokens of the chosen and the rejected answer of each comparison; at least one comparison.</param>
    public static double LengthOnly(IReadOnlyList<(int Chosen, int Rejected)> lengths)
    {
        var longer = lengths.Average(l => l.Chosen > l.Rejected ? 1 : l.Chosen == l.Rejected ? 0.5 : 0);
        return Math.Max(longer, 1 - longer);
    }

    /// <summary>Indexes of the comparisons that length cannot decide.</summary>
    /// <param name="lengths">Tokens of the chosen and the rejected answer of each comparison.</param>
    /// <param name="tolerance">Largest difference in tokens. Default: 1.</param>
    public static IReadOnlyList<int> LengthMatched(IReadOnlyList<(int Chosen, int Rejected)> lengths, int tolerance = 1) =>
        [.. Enumerable.Range(0, lengths.Count).Where(i => Math.Abs(lengths[i].Chosen - lengths[i].Rejected) <= tolerance)];
}
