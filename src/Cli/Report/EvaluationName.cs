namespace ClinicalGpt.Orleans.Cli.Report;

/// <summary>The parts of an evaluation's name, <c>model/kind/set</c> or <c>model/kind/set/mode</c>.</summary>
/// <param name="Model">Which model: base, sft, ppo, reward, ...</param>
/// <param name="Kind">What was measured: loss, exact, exam, dialogue, diagnosis, ranking.</param>
/// <param name="Rest">Set and mode.</param>
internal sealed record EvaluationName(string Model, string Kind, string Rest)
{
    private static readonly string[] Kinds = ["loss", "exact", "exam", "diagnosis", "dialogue", "ranking"];

    /// <summary>Whether the model is a reward model, which is compared with baselines, not before and after.</summary>
    public bool IsReward => Model.StartsWith("reward", StringComparison.Ordinal);

    /// <summary>Position of the kind in a report.</summary>
    public int KindOrder => Array.IndexOf(Kinds, Kind) is var at && at >= 0 ? at : Kinds.Length;

    /// <summary>Position of the model in a report: base, sft, others, ppo.</summary>
    public static int ModelOrder(string model) => model switch { "base" => 0, "sft" => 1, "ppo" => 3, _ => 2 };

    public static EvaluationName Parse(string name)
    {
        var parts = name.Split('/', 3);
        return new EvaluationName(parts[0], parts.Length > 1 ? parts[1] : "", parts.Length > 2 ? parts[2].Replace("/", ", ", StringComparison.Ordinal) : "");
    }
}
