using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>From raw reward-model scores to the scores that enter the reward.</summary>
public static class ScoreShaping
{
    /// <summary>(raw - mean) / std, clipped to ± <see cref="PpoOptions.ScoreClip"/>; then, for the control experiment, dealt to the wrong rows;
    /// then replaced by <see cref="PpoOptions.MissingEosScore"/> where the finish reason is not EOS.</summary>
    /// <param name="rawScores">(B) raw score units.</param>
    /// <param name="reasons">(B) why each response ended.</param>
    /// <param name="normalization">Constants measured on SFT samples.</param>
    /// <param name="options">Clip, missing-EOS score, control switch.</param>
    /// <param name="seed">Seed of the control's permutation.</param>
    /// <returns>(B) reward units.</returns>
    public static float[] Apply(
        float[] rawScores, FinishReason[] reasons, ScoreNormalization normalization, PpoOptions options, ulong seed)
    {
        var scores = rawScores
            .Select(raw => Math.Clamp((raw - normalization.Mean) / normalization.Std, -options.ScoreClip, options.ScoreClip))
            .ToArray();
        var owners = options.ShuffleScores ? Seeds.Permutation(seed, scores.Length) : [.. Enumerable.Range(0, scores.Length)];
        return [.. reasons.Select((reason, row) => (float)(reason == FinishReason.Eos ? scores[owners[row]] : options.MissingEosScore))];
    }
}
