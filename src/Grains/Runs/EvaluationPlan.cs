using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Every evaluation of a run in order: each set for base, SFT and PPO with the same seeds, so that rows compare
/// pairwise; the reward model's ranking; SFT sharpened by temperature as a control.</summary>
public static class EvaluationPlan
{
    /// <summary>The evaluations of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">Where it stands after training.</param>
    public static IReadOnlyList<EvaluationRequest> For(RunContext run, RunProgress progress)
    {
        var plan = new List<EvaluationRequest>();
        foreach (var (name, parameters) in Models(progress))
        {
            plan.AddRange(OfModel(run, progress, name, parameters));
        }

        if (run.Recipe.Evaluate!.SharpenTemperature > 0 && progress.Sft is { } sft)
        {
            plan.AddRange(Exact(run, progress, "sft-sharpened", sft.Parameters, run.Recipe.Evaluate.SharpenTemperature, "sampled"));
        }

        plan.AddRange(Rankings(run, progress));
        return plan;
    }

    private static IEnumerable<(string Name, ParameterReference? Parameters)> Models(RunProgress progress)
    {
        yield return ("base", null);
        if (progress.Sft is { } sft)
        {
            yield return ("sft", sft.Parameters);
        }

        if (progress.Ppo is { } ppo)
        {
            yield return ("ppo", ppo.Policy.Parameters);
            if (progress.Best is { } best && best != ppo.Policy.Parameters)
            {
                yield return ("best", best);
            }
        }
    }

    private static IEnumerable<EvaluationRequest> OfModel(RunContext run, RunProgress progress, string model, ParameterReference? parameters)
    {
        var options = run.Recipe.Evaluate!;
        if (progress.Datasets.TryGetValue(DataPlan.SftHeldOut, out var heldOut))
        {
            yield return Request(run, progress, $"{model}/loss/{DataPlan.SftHeldOut}", EvaluationKind.Loss, parameters, heldOut, 0);
        }

        var temperature = run.Recipe.Ppo?.Temperature ?? 1.0;
        foreach (var request in Exact(run, progress, model, parameters, temperature, "sampled")
            .Concat(Exact(run, progress, model, parameters, 0, "greedy")))
        {
            yield return request;
        }

        foreach (var name in options.Exams.Keys)
        {
            yield return Request(run, progress, $"{model}/exam/{name}", EvaluationKind.Exam, parameters, progress.Datasets[$"exam/{name}"], 0);
        }

        foreach (var name in options.Dialogues.Keys)
        {
            yield return Request(run, progress, $"{model}/dialogue/{name}", EvaluationKind.TextOverlap, parameters, progress.Datasets[$"dialogue/{name}"], 0);
        }

        foreach (var name in options.Diagnosis.Keys)
        {
            yield return Request(run, progress, $"{model}/diagnosis/{name}", EvaluationKind.Diagnosis, parameters, progress.Datasets[$"diagnosis/{name}"], 0);
        }
    }

    private static IEnumerable<EvaluationRequest> Exact(
        RunContext run, RunProgress progress, string model, ParameterReference? parameters, double temperature, string how) =>
        run.Recipe.Evaluate!.Exact.Keys.Select(name => Request(
            run, progress, $"{model}/exact/{name}/{how}", EvaluationKind.GraphAgreement, parameters, progress.Datasets[$"exact/{name}"], temperature) with
        {
            Reference = how == "sampled" ? RunContext.Model(progress, progress.Sft?.Parameters) : null,
            Reward = how == "sampled" && progress.Reward is { } reward ? RunContext.Model(progress, reward.Parameters) : null,
            Normalization = progress.Normalization,
        });

    private static IEnumerable<EvaluationRequest> Rankings(RunContext run, RunProgress progress)
    {
        List<(string Name, DatasetReference Set)> sets = [];
        if (progress.Datasets.TryGetValue(DataPlan.RewardHeldOut, out var heldOut))
        {
            sets.Add(("heldout", heldOut));
        }

        sets.AddRange(run.Recipe.Evaluate!.Rankings.Keys.Select(name => (name, progress.Datasets[$"ranking/{name}"])));
        foreach (var (name, set) in sets)
        {
            if (progress.Reward is { } reward)
            {
                yield return Request(run, progress, $"reward/ranking/{name}", EvaluationKind.Ranking, reward.Parameters, set, 0) with { MaxCases = int.MaxValue };
            }

            if (progress.AnswerOnly is { } blind)
            {
                yield return Request(run, progress, $"reward-answer-only/ranking/{name}", EvaluationKind.Ranking, blind.Parameters, set, 0) with
                {
                    MaxCases = int.MaxValue,
                    AnswerOnly = true,
                };
            }
        }
    }

    private static EvaluationRequest Request(
        RunContext run, RunProgress progress, string name, EvaluationKind kind, ParameterReference? parameters, DatasetReference set, double temperature) => new()
        {
            RunId = run.RunId,
            Name = name,
            Kind = kind,
            Model = RunContext.Model(progress, parameters),
            Dataset = set,
            Sampling = new SamplingSettings { Temperature = temperature, MaxResponseTokens = run.Recipe.Evaluate!.MaxResponseTokens },
            MaxCases = run.Recipe.Evaluate.MaxCases,
            // Not the run's seed: every run is measured with the same draws, so that runs compare too.
            Seed = Seeds.Derive(0, "evaluate/" + set.Name),
            RecipeJson = run.RecipeJson,
            GraphHash = progress.GraphHash,
        };
}
