using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Grains.Compute;

/// <summary>What a rollout worker has its device do. Numbers in, numbers out: grains hold no tensor.</summary>
public interface IRolloutCompute
{
    /// <summary>Answers a chunk of prompts.</summary>
    /// <param name="request">The chunk; model, sampling and seeds are in it.</param>
    /// <param name="cancellationToken">Gives up while the work is queued.</param>
    Task<GeneratedChunk> GenerateAsync(RolloutRequest request, CancellationToken cancellationToken);
}

/// <summary>What the reference has its device do.</summary>
public interface IReferenceCompute
{
    /// <summary>Log-probability of each response token, nats, ragged.</summary>
    /// <param name="request">Model and sequences.</param>
    /// <param name="cancellationToken">Gives up while the work is queued.</param>
    Task<float[]> LogProbsAsync(ScoreRequest request, CancellationToken cancellationToken);
}

/// <summary>What the reward model has its device do, besides training.</summary>
public interface IRewardCompute
{
    /// <summary>Raw score of each sequence.</summary>
    /// <param name="request">Model and sequences.</param>
    /// <param name="cancellationToken">Gives up while the work is queued.</param>
    Task<float[]> ScoresAsync(ScoreRequest request, CancellationToken cancellationToken);
}

/// <summary>Answers to a chunk of prompts.</summary>
/// <param name="Sequences">Prompts and responses.</param>
/// <param name="LogProbs">Log-probability of each response token as the sampler saw it, nats, ragged.</param>
/// <param name="FinishReasons">Why each response ended.</param>
/// <param name="Texts">Decoded responses, special tokens left out.</param>
public sealed record GeneratedChunk(SequenceBlock Sequences, float[] LogProbs, FinishReason[] FinishReasons, string[] Texts);
