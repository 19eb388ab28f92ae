using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Cli.Report;

/// <summary>Which figures of an evaluation a report shows, and what it calls them.</summary>
internal static class ReportKeys
{
    private static readonly string[] MainKeys = ["exact", "accuracy", "loss"];
    private static readonly string[] BesideAnswers = ["kl", "score", "reward"];
    private static readonly string[] Overlap = ["bleu", "gleu", "rouge"];
    private static readonly string[] NeverShares = ["cases", "kl", "score", "reward", "loss", "length", "margin"];

    /// <summary>The figure the case values belong to.</summary>
    public static string? MainFigure(EvaluationResult result) => MainKeys.FirstOrDefault(result.Values.ContainsKey);

    /// <summary>The figures worth a row; all of them where none is known.</summary>
    public static IReadOnlyList<string> Shown(string kind, EvaluationResult result)
    {
        var keys = result.Values.Keys.ToArray();
        string[] known = kind switch
        {
            "exact" => [.. keys.Where(k => k == "exact"), .. keys.Where(k => StartsWithAny(k, BesideAnswers))],
            "loss" => [.. keys.Where(k => k == "loss")],
            "dialogue" => [.. keys.Where(k => StartsWithAny(k, Overlap))],
            "exam" or "diagnosis" => [.. keys.Where(k => k.Contains("accuracy", StringComparison.Ordinal))],
            _ => keys,
        };
        return known.Length > 0 ? known : keys;
    }

    public static bool IsShare(string kind, string key) => kind is "exact" or "exam" or "diagnosis" or "ranking" && !StartsWithAny(key, NeverShares);

    public static string Label(string kind, string rest, string key)
    {
        var what = (kind, key) switch
        {
            ("loss", "loss") => "loss (nats/token)",
            ("exact", "exact") => "exact",
            ("exact", _) when key.StartsWith("kl", StringComparison.Ordinal) => "KL (nats/sequence)",
            ("exact", _) when StartsWithAny(key, BesideAnswers) => "reward-model score",
            _ => $"{kind} {key}",
        };
        return rest.Length > 0 ? $"{what}: {rest}" : what;
    }

    private static bool StartsWithAny(string key, string[] stems) => stems.Any(s => key.StartsWith(s, StringComparison.Ordinal));
}
