using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Exactness on the development split every few PPO iterations: keeps the best policy beside the last, and says
/// so when the reward rises while exactness falls (reward hacking).</summary>
/// <param name="grains">For the evaluation.</param>
/// <param name="store">For the metrics of the measurement before.</param>
/// <param name="audit">Where the alarm is written.</param>
public sealed class DevelopmentCheck(IGrainFactory grains, IRunStore store, IAuditLog audit)
{
    /// <summary>Metric that is 1 when reward rose and exactness fell by more than its noise since the measurement before.</summary>
    public const string Alarm = "health/reward_up_exact_down";

    /// <summary>Measures, if it is time.</summary>
    /// <param name="run">The run.</param>
    /// <param name="next">Progress after the iteration.</param>
    /// <param name="iteration">The iteration just learnt.</param>
    /// <param name="metrics">Its metrics; the measurement is added.</param>
    /// <returns>Progress, with a new best policy where there is one.</returns>
    public async Task<RunProgress> MeasureAsync(RunContext run, RunProgress next, int iteration, Dictionary<string, double> metrics)
    {
        var options = run.Recipe.Ppo!;
        if (options.EvaluateEvery == 0 || !next.Datasets.ContainsKey(DataPlan.Development)
            || ((iteration + 1) % options.EvaluateEvery != 0 && iteration + 1 != options.Iterations))
        {
            return next;
        }

        await run.ReportAsync("development check", $"up to {options.EvaluateCases} cases");
        var result = await grains.GetGrain<IEvaluationGrain>($"{run.RunId}/development").Evaluate(
            new EvaluationRequest
            {
                RunId = run.RunId,
                Name = "development",
                Kind = EvaluationKind.GraphAgreement,
                Model = RunContext.Model(next, next.Ppo!.Policy.Parameters),
                Dataset = next.Datasets[DataPlan.Development],
                Sampling = new SamplingSettings { Temperature = options.Temperature, MaxResponseTokens = options.MaxResponseTokens },
                MaxCases = options.EvaluateCases,
                Seed = Seeds.Derive(run.Recipe.Seed, "ppo/development"),
                RecipeJson = run.RecipeJson,
                GraphHash = next.GraphHash,
            },
            run.Cancellation);
        var exact = result.Values["exact"];
        metrics[MetricNames.DevExact] = exact;
        metrics[Alarm] = await RewardRoseWhileExactFellAsync(run, iteration, metrics, exact, result.Cases) ? 1 : 0;
        return exact > next.BestExact
            ? next with { Best = next.Ppo.Policy.Parameters, BestExact = exact, BestIteration = iteration }
            : next;
    }

    private async Task<bool> RewardRoseWhileExactFellAsync(
        RunContext run, int iteration, Dictionary<string, double> metrics, double exact, int cases)
    {
        var before = (await store.GetIterationsAsync(run.RunId, Abstractions.Recipes.StageNames.Ppo, 0, run.Cancellation))
            .LastOrDefault(i => i.Iteration < iteration && i.Metrics.ContainsKey(MetricNames.DevExact));
        if (before is null)
        {
            return false;
        }

        // Two standard errors of a share: less is noise of the draw.
        var noise = 2 * Math.Sqrt(0.25 / cases);
        var fell = before.Metrics[MetricNames.DevExact] - exact > noise;
        var rose = metrics[MetricNames.Scores] > before.Metrics[MetricNames.Scores];
        if (fell && rose)
        {
            await audit.AppendAsync(
                run.RunId, "ppo.reward-hacking-suspected",
                $"iteration {iteration}: score {before.Metrics[MetricNames.Scores]:F2} -> {metrics[MetricNames.Scores]:F2} while development exactness fell " +
                $"{before.Metrics[MetricNames.DevExact]:P1} -> {exact:P1}",
                run.Cancellation);
        }

        return fell && rose;
    }
}
