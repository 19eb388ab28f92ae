using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Criteria;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>Everything measured, for machines.</summary>
internal static class ResultsJson
{
    private static readonly JsonSerializerOptions Indented = new(RecipeJson.Options) { WriteIndented = true };

    public static string Write(IReadOnlyList<SeedResult> seeds, IReadOnlyList<Criterion> criteria) => JsonSerializer.Serialize(
        new
        {
            Criteria = criteria,
            Seeds = seeds.Select(s => new { s.Seed, Main = Run(s.Main), Shuffled = s.Shuffled is { } control ? Run(control) : null }),
            BaseToSft = Improvement.Between(seeds, EvaluationNames.Base, EvaluationNames.Sft).Select(Step),
            SftToPpo = Improvement.Between(seeds, EvaluationNames.Sft, EvaluationNames.Ppo).Select(Step),
        },
        Indented);

    private static object Run(RunResult run) => new
    {
        run.RunId,
        KlOfLastIterations = LearningCriteria.LastKl(run),
        Evaluations = run.Evaluations.Values.Select(e => new { e.Name, e.Cases, e.Values, e.Intervals }),
        Iterations = run.Ppo.Select(i => new { i.Iteration, i.Metrics }),
    };

    private static object Step(Improvement step) => new { step.Measure, Outcome = step.Outcome.ToString(), step.Seeds };
}
