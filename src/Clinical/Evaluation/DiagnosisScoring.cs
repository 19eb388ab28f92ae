namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>Compares a generated diagnosis with the record's (ClinicalGPT 3.4). The first diagnosis that is named, and not denied,
/// counts: naming many gains nothing.</summary>
public static class DiagnosisScoring
{
    private const int DenialReach = 9;

    private static readonly string[] Denials = ["不是", "并非", "排除", "不考虑", "不支持", "没有", "not ", "no ", "without ", "exclude ", "rule out "];

    /// <summary>Scores one answer.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="diagnosis">The record's diagnosis.</param>
    /// <param name="labels">Every diagnosis of the set, so that another one is recognised as such.</param>
    public static AnswerOutcome Score(string answer, string diagnosis, IReadOnlyCollection<string> labels)
    {
        var named = Extract(answer, labels.Contains(diagnosis) ? labels : [.. labels, diagnosis]);
        return named is null ? AnswerOutcome.NoAnswer : Same(named, diagnosis) ? AnswerOutcome.Right : AnswerOutcome.Wrong;
    }

    /// <summary>The first diagnosis named and not denied; of two that begin at the same place the longer.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="labels">The diagnoses to look for.</param>
    /// <returns>The label, or null where none is named.</returns>
    public static string? Extract(string answer, IReadOnlyCollection<string> labels)
    {
        var text = TextSearch.Fold(answer);
        var found = labels
            .SelectMany(label => TextSearch.Find(text, TextSearch.Fold(label)).Select(at => (Label: label, Start: at, End: at + label.Length)))
            .ToList();
        return found.Where(f => !IsDenied(text, f.Start) && !found.Exists(o => Covers(o, f)))
            .OrderBy(f => f.Start).Select(f => f.Label).FirstOrDefault();
    }

    private static bool Covers((string Label, int Start, int End) outer, (string Label, int Start, int End) inner) =>
        outer.Start <= inner.Start && outer.End >= inner.End && outer.End - outer.Start > inner.End - inner.Start;

    private static bool IsDenied(string text, int at)
    {
        var before = text[Math.Max(0, at - DenialReach)..at];
        var clause = before[(before.LastIndexOfAny([',', '.', ';', '。', '、']) + 1)..];
        return Array.Exists(Denials, d => clause.Contains(d, StringComparison.OrdinalIgnoreCase));
    }

    private static bool Same(string a, string b) =>
        string.Equals(TextSearch.Fold(a), TextSearch.Fold(b), StringComparison.OrdinalIgnoreCase);
}
