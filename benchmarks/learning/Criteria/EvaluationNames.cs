namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>Names of the evaluations and figures the experiment looks at.</summary>
internal static class EvaluationNames
{
    /// <summary>The set most criteria are about: known facts, questions worded as no stage has seen them.</summary>
    public const string Wordings = "heldout-wordings";

    public const string Base = "base";
    public const string Sft = "sft";
    public const string Ppo = "ppo";
    public const string Best = "best";
    public const string Sharpened = "sft-sharpened";

    public const string Ranking = "reward/ranking/heldout";
    public const string AnswerOnlyRanking = "reward-answer-only/ranking/heldout";

    public const string Accuracy = "accuracy";
    public const string LengthMatched = "accuracy-length-matched";
    public const string LengthOnly = "accuracy-length-only";

    private static readonly string[] MainFigures = ["exact", Accuracy, "loss", "rouge-l-mean"];

    public static string Loss(string model) => $"{model}/loss/sft-heldout";

    public static string Sampled(string model, string set = Wordings) => $"{model}/exact/{set}/sampled";

    public static string Greedy(string model, string set = Wordings) => $"{model}/exact/{set}/greedy";

    /// <summary>The figure the case values belong to, or null where it is none we know.</summary>
    public static string? MainFigure(IReadOnlyDictionary<string, double> values) => MainFigures.FirstOrDefault(values.ContainsKey);
}
