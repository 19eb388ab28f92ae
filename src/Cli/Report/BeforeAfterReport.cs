using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;

namespace ClinicalGpt.Orleans.Cli.Report;

/// <summary>One figure of one model.</summary>
/// <param name="Value">The figure.</param>
/// <param name="Low">Lower end of its 95 % interval; null: none is known.</param>
/// <param name="High">Upper end.</param>
internal sealed record Figure(double Value, double? Low, double? High);

/// <summary>One measure over the models.</summary>
/// <param name="Kind">Kind of evaluation.</param>
/// <param name="Label">What is measured, for people.</param>
/// <param name="IsShare">Whether the figures are shares of cases, shown as percentages.</param>
/// <param name="Figures">By model.</param>
/// <param name="Gain">PPO minus SFT over the same cases with its 95 % interval; null: not measured case by case.</param>
internal sealed record ReportRow(
    string Kind, string Label, bool IsShare, IReadOnlyDictionary<string, Figure> Figures, Figure? Gain);

/// <summary>What SFT and PPO answered to the same held-out prompt.</summary>
internal sealed record AnswerPair(string RecordId, string Prompt, string Sft, string SftVerdict, string Ppo, string PpoVerdict);

/// <summary>What PPO training looked like.</summary>
/// <param name="KlPerSequence">Mean KL to the reference over the last iterations, nats per sequence.</param>
/// <param name="FirstScore">Normalised score in the first iteration.</param>
/// <param name="LastScore">Mean normalised score over the last iterations.</param>
/// <param name="Iterations">Iterations committed.</param>
internal sealed record PpoSummary(double KlPerSequence, double FirstScore, double LastScore, int Iterations);

/// <summary>Before and after: what evaluations say about base, SFT and PPO, and about the reward model beside its baselines.</summary>
internal sealed record BeforeAfterReport(
    IReadOnlyList<string> Models, IReadOnlyList<ReportRow> Rows, IReadOnlyList<ReportRow> Reward, PpoSummary? Ppo,
    IReadOnlyList<AnswerPair> Answers)
{
    private const int LastIterations = 10;
    private const double Z95 = 1.959964;

    public static BeforeAfterReport Build(IReadOnlyList<EvaluationResult> evaluations, IReadOnlyList<IterationView> iterations)
    {
        var named = evaluations.Select(e => (Name: EvaluationName.Parse(e.Name), Result: e)).ToArray();
        var compared = named.Where(n => !n.Name.IsReward).ToArray();
        return new BeforeAfterReport(
            [.. compared.Select(n => n.Name.Model).Distinct().OrderBy(EvaluationName.ModelOrder)],
            CompareRows(compared),
            RewardRows([.. named.Where(n => n.Name.IsReward)]),
            Summarise([.. iterations.Where(i => i.Stage == StageNames.Ppo)]),
            Pair(compared));
    }

    private static ReportRow[] CompareRows((EvaluationName Name, EvaluationResult Result)[] compared) =>
    [
        .. from n in compared
           group n by (Kind: n.Name.Kind, Set: n.Name.Rest) into sets
           orderby sets.First().Name.KindOrder
           from key in sets.SelectMany(s => ReportKeys.Shown(s.Name.Kind, s.Result)).Distinct()
           select new ReportRow(
               sets.Key.Kind,
               ReportKeys.Label(sets.Key.Kind, sets.Key.Set, key),
               ReportKeys.IsShare(sets.Key.Kind, key),
               sets.Where(s => s.Result.Values.ContainsKey(key)).ToDictionary(s => s.Name.Model, s => Read(s.Result, key)),
               key == ReportKeys.MainFigure(sets.First().Result) ? Gain(sets.ToDictionary(s => s.Name.Model, s => s.Result)) : null),
    ];

    private static ReportRow[] RewardRows((EvaluationName Name, EvaluationResult Result)[] reward) =>
    [
        .. from n in reward
           from key in n.Result.Values.Keys
           select new ReportRow(
               n.Name.Kind,
               $"{n.Name.Model}, {n.Name.Rest}: {key}",
               ReportKeys.IsShare(n.Name.Kind, key),
               new Dictionary<string, Figure> { [n.Name.Model] = Read(n.Result, key) },
               null),
    ];

    private static Figure Read(EvaluationResult result, string key) =>
        result.Intervals.TryGetValue(key, out var ends) && ends.Length == 2
            ? new Figure(result.Values[key], ends[0], ends[1])
            : new Figure(result.Values[key], null, null);

    // The same cases with the same seeds: the difference of each case, their mean, and its normal 95 % interval.
    private static Figure? Gain(Dictionary<string, EvaluationResult> byModel)
    {
        if (!byModel.TryGetValue("sft", out var before) || !byModel.TryGetValue("ppo", out var after)
            || before.CaseValues.Count != after.CaseValues.Count || before.CaseValues.Count < 2)
        {
            return null;
        }

        var differences = after.CaseValues.ToArray().Zip(before.CaseValues.ToArray(), (a, b) => (double)a - b).ToArray();
        var mean = differences.Average();
        var variance = differences.Sum(d => (d - mean) * (d - mean)) / (differences.Length - 1);
        var half = Z95 * Math.Sqrt(variance / differences.Length);
        return new Figure(mean, mean - half, mean + half);
    }

    private static PpoSummary? Summarise(IterationView[] ppo)
    {
        var last = ppo.TakeLast(LastIterations).ToArray();
        return last.Length > 0 && ppo.All(i => i.Metrics.ContainsKey(MetricNames.Kl) && i.Metrics.ContainsKey(MetricNames.Scores))
            ? new PpoSummary(
                last.Average(i => i.Metrics[MetricNames.Kl]),
                ppo[0].Metrics[MetricNames.Scores],
                last.Average(i => i.Metrics[MetricNames.Scores]),
                ppo.Length)
            : null;
    }

    private static AnswerPair[] Pair((EvaluationName Name, EvaluationResult Result)[] compared) =>
    [
        .. from sft in compared
           where sft.Name is { Model: "sft", Kind: "exact" } && sft.Name.Rest.EndsWith("sampled", StringComparison.Ordinal)
           from ppo in compared.Where(n => n.Name == sft.Name with { Model = "ppo" })
           from before in sft.Result.Samples
           from after in ppo.Result.Samples.Where(s => s.RecordId == before.RecordId)
           select new AnswerPair(before.RecordId, before.Prompt, before.Answer, before.Verdict, after.Answer, after.Verdict),
    ];
}
