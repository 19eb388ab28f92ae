using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>One iteration's experience. Per-token numbers are ragged: response tokens, row after row.</summary>
/// <param name="Sequences">Prompts and responses, EOS included; every response has a token.</param>
/// <param name="SamplerLogProbs">Log-probabilities as the sampler saw them, nats; for the gap metric only.</param>
/// <param name="ReferenceLogProbs">Log-probabilities under the reference, nats.</param>
/// <param name="RawScores">Reward-model score of each row.</param>
/// <param name="FinishReasons">Why each response ended.</param>
/// <param name="Normalization">Constants that turn raw scores into rewards.</param>
/// <param name="KlCoef">KL coefficient, reward per nat.</param>
public sealed record PpoBatch(
    SequenceBlock Sequences,
    float[] SamplerLogProbs,
    float[] ReferenceLogProbs,
    float[] RawScores,
    FinishReason[] FinishReasons,
    ScoreNormalization Normalization,
    double KlCoef)
{
    /// <summary>The same rows in the blocks the reference computed them in; null: one block. Padding changes the last bits of
    /// a sum, so only equal blocks make the KL of equal models exactly 0.</summary>
    public IReadOnlyList<SequenceBlock>? Chunks { get; init; }

    /// <summary>Refuses experience whose parts do not fit together, or that holds numbers which are not finite.</summary>
    /// <exception cref="ArgumentException">Lengths differ, or a prompt or response is empty.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: a score or log-probability is not finite.</exception>
    internal void Check()
    {
        var (rows, tokens) = (Sequences.Rows, Sequences.ResponseTokens);
        if (rows == 0 || RawScores.Length != rows || FinishReasons.Length != rows || SamplerLogProbs.Length != tokens || ReferenceLogProbs.Length != tokens)
        {
            throw new ArgumentException(
                $"{rows} rows with {tokens} response tokens came with {RawScores.Length} scores, {FinishReasons.Length} finish reasons, {SamplerLogProbs.Length} sampler and {ReferenceLogProbs.Length} reference log-probabilities");
        }

        if (Sequences.PromptLengths.Any(l => l == 0) || Sequences.ResponseLengths.Any(l => l == 0))
        {
            throw new ArgumentException("every row needs a prompt and a response");
        }

        if (!RawScores.Concat(SamplerLogProbs).Concat(ReferenceLogProbs).All(float.IsFinite))
        {
            throw new ProblemException(
                ErrorCodes.NonFinite,
                "ppo: a reward-model score or a log-probability of the experience is not a finite number; nothing was learnt from it. Check the reward model and the reference.");
        }
    }
}

/// <summary>What <see cref="PpoLearner"/> did, besides changing policy and critic.</summary>
/// <param name="Metrics">Names from <c>MetricNames</c>.</param>
/// <param name="SequenceKl">KL to the reference summed over each response, nats.</param>
/// <param name="Rewards">Normalised, clipped score of each row as it entered the reward.</param>
public sealed record PpoOutcome(Dictionary<string, double> Metrics, float[] SequenceKl, float[] Rewards);
