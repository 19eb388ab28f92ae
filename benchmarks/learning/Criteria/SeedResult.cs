using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>What a run left behind.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Evaluations">By name.</param>
/// <param name="Ppo">PPO iterations, in order.</param>
internal sealed record RunResult(
    string RunId, IReadOnlyDictionary<string, EvaluationResult> Evaluations, IReadOnlyList<IterationView> Ppo)
{
    public EvaluationResult? Find(string name) => Evaluations.GetValueOrDefault(name);

    /// <summary>An evaluation's figure, or null where it was not measured.</summary>
    public double? Value(string name, string figure) =>
        Find(name) is { } result && result.Values.TryGetValue(figure, out var value) ? value : null;
}

/// <summary>The runs of a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Main">The recipe as it is.</param>
/// <param name="Shuffled">The same with scores shuffled within each batch; null: not run.</param>
internal sealed record SeedResult(long Seed, RunResult Main, RunResult? Shuffled);
