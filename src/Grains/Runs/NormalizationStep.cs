using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Data;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Measures the constants that scores are normalised with: mean and standard deviation of the reward model's raw
/// score over samples of the SFT model that end in EOS. Zero then means: as good as SFT.</summary>
/// <param name="data">Imported data sets.</param>
/// <param name="vocabularies">For the prompts' tokens.</param>
/// <param name="dealer">Deals the chunks.</param>
public sealed class NormalizationStep(RunData data, Vocabularies vocabularies, RolloutDealer dealer)
{
    /// <summary>Samples and measures.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">Where it stands; SFT and reward model are there.</param>
    public async Task<ScoreNormalization> MeasureAsync(RunContext run, RunProgress progress)
    {
        var samples = run.Recipe.Reward?.NormalizationSamples ?? new RewardOptions().NormalizationSamples;
        await run.ReportAsync("normalise", $"{samples} prompts");
        var plan = new RolloutPlan(run, progress, await data.ReadAsync(progress.Datasets[DataPlan.Prompts], run.Cancellation), await vocabularies.GetAsync(progress.Base!, run.Cancellation));
        var experience = await dealer.DealAsync(run, plan.Requests("normalize", 0, samples, progress.Sft?.Parameters));
        var scores = experience
            .SelectMany(e => e.Scores.ToArray().Where((_, i) => e.FinishReasons[i] == FinishReason.Eos))
            .Select(s => (double)s)
            .ToArray();
        if (scores.Length < 2)
        {
            throw new ProblemException(
                ErrorCodes.DataTooSmall,
                $"only {scores.Length} of {samples} SFT samples end in EOS within ppo.maxResponseTokens; the score constants need at least 2. " +
                "Train SFT longer, or raise ppo.maxResponseTokens.",
                key: "ppo.maxResponseTokens");
        }

        var mean = scores.Average();
        var std = Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Length - 1));
        return std > 1e-6
            ? new ScoreNormalization(mean, std)
            : throw new ProblemException(
                ErrorCodes.NonFinite, $"the reward model gives every SFT sample the score {mean:G6}: it has learnt nothing to optimise");
    }
}
