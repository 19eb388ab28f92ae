using System.Text.RegularExpressions;

namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>Reads the chosen option out of a generated answer (ClinicalGPT 3.3).</summary>
public static partial class ExamScoring
{
    /// <summary>Scores one answer.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="options">The options' texts, in the order of their letters.</param>
    /// <param name="right">0-based index of the right option.</param>
    public static AnswerOutcome Score(string answer, IReadOnlyList<string> options, int right) => Extract(answer, options) switch
    {
        null => AnswerOutcome.NoAnswer,
        { } chosen => chosen == right ? AnswerOutcome.Right : AnswerOutcome.Wrong,
    };

    /// <summary>The chosen option. In this order: the letter of a conclusion (答案是B, 故选B, the answer is B), the last one counting; a
    /// letter at the beginning; the one option called by its letter (选项B); the one option whose text occurs.</summary>
    /// <param name="answer">What the model wrote.</param>
    /// <param name="options">The options' texts, in the order of their letters.</param>
    /// <returns>0-based index, or null where the answer names none or does not decide.</returns>
    public static int? Extract(string answer, IReadOnlyList<string> options)
    {
        var text = TextSearch.Fold(answer).Trim();
        return Letters(Conclusion(), text, options.Count) is { Count: > 0 } concluded ? concluded[^1]
            : Letters(Leading(), text, options.Count) is { Count: > 0 } leading ? leading[0]
            : Letters(Called(), text, options.Count).Distinct().ToList() is { Count: 1 } called ? called[0]
            : ByText(text, options);
    }

    private static List<int> Letters(Regex pattern, string text, int options) =>
        [.. pattern.Matches(text).Select(m => m.Groups["letter"].Value[0] - 'A').Where(i => i < options)];

    private static int? ByText(string text, IReadOnlyList<string> options)
    {
        var normal = options.Select(o => TextSearch.Fold(o).Trim()).ToList();
        var named = Enumerable.Range(0, normal.Count).Where(i => TextSearch.Holds(text, normal[i])).ToList();
        var whole = named.Where(i => !named.Exists(j => normal[j].Length > normal[i].Length && TextSearch.Holds(normal[j], normal[i]))).ToList();
        return whole.Count == 1 ? whole[0] : null;
    }

    [GeneratedRegex(@"(?:答案|故选|应选|选择|所以选|因此选|正确的是|(?:[Aa]nswer|[Cc]hoice)(?:\s+is)?)\s*(?:应该|应)?(?:是|为)?\s*:?\s*(?:选项|[Oo]ption)?\s*\(?(?<letter>[A-Z])(?![A-Za-z])")]
    private static partial Regex Conclusion();

    [GeneratedRegex(@"^\(?(?<letter>[A-Z])(?:\)|$|[.:,、。]|\s*$)")]
    private static partial Regex Leading();

    [GeneratedRegex(@"(?:选项|[Oo]ption|选)\s*\(?(?<letter>[A-Z])(?![A-Za-z])")]
    private static partial Regex Called();
}
