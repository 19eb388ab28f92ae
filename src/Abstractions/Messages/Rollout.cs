using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>How responses are drawn.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.SamplingSettings")]
public sealed record SamplingSettings
{
    /// <summary>Softmax temperature, above 0; 0 means greedy.</summary>
    [Id(0)]
    public double Temperature { get; init; } = 1.0;

    /// <summary>Longest response in tokens, EOS included.</summary>
    [Id(1)]
    public int MaxResponseTokens { get; init; } = 32;
}

/// <summary>Why a response ended.</summary>
public enum FinishReason : byte
{
    /// <summary>The model produced EOS.</summary>
    Eos = 0,

    /// <summary>The response reached its longest length.</summary>
    Length = 1,
}

/// <summary>A chunk of prompts to answer: its composition, shapes and seeds depend on (run seed, iteration, chunk) only,
/// never on which worker takes it.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.RolloutRequest")]
public sealed record RolloutRequest
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Epoch of the run's activation that asks.</summary>
    [Id(1)]
    public required long Epoch { get; init; }

    /// <summary>PPO iteration, 0-based.</summary>
    [Id(2)]
    public required int Iteration { get; init; }

    /// <summary>Chunk within the iteration, 0-based.</summary>
    [Id(3)]
    public required int Chunk { get; init; }

    /// <summary>The policy that must answer; a worker that cannot load exactly these bytes refuses.</summary>
    [Id(4)]
    public required ModelReference Policy { get; init; }

    /// <summary>The reference (SFT) model, for log-probabilities.</summary>
    [Id(5)]
    public required ModelReference Reference { get; init; }

    /// <summary>The reward model; null: responses are not scored (used to measure the score constants' samples apart).</summary>
    [Id(6)]
    public ModelReference? Reward { get; init; }

    /// <summary>How to sample.</summary>
    [Id(7)]
    public required SamplingSettings Sampling { get; init; }

    /// <summary>The prompts, without responses.</summary>
    [Id(8)]
    public required SequenceBlock Prompts { get; init; }

    /// <summary>Seed of each row's draws.</summary>
    [Id(9)]
    public required ulong[] Seeds { get; init; }

    /// <summary>Compute threads, from the recipe.</summary>
    [Id(10)]
    public required int Threads { get; init; }
}

/// <summary>What came of a <see cref="RolloutRequest"/>. Per-token values are ragged: response tokens, row after row.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.Experience")]
public sealed record Experience
{
    /// <summary>Chunk within the iteration.</summary>
    [Id(0)]
    public required int Chunk { get; init; }

    /// <summary>Prompts and responses.</summary>
    [Id(1)]
    public required SequenceBlock Sequences { get; init; }

    /// <summary>Log-probability of each response token as the sampler saw it, nats.</summary>
    [Id(2)]
    public required FloatBlock PolicyLogProbs { get; init; }

    /// <summary>Log-probability of each response token under the reference, nats.</summary>
    [Id(3)]
    public required FloatBlock ReferenceLogProbs { get; init; }

    /// <summary>Raw reward-model score of each row.</summary>
    [Id(4)]
    public required FloatBlock Scores { get; init; }

    /// <summary>Why each response ended.</summary>
    [Id(5)]
    public required FinishReason[] FinishReasons { get; init; }

    /// <summary>Seed of each row's draws.</summary>
    [Id(6)]
    public required ulong[] Seeds { get; init; }

    /// <summary>Identity of the policy that sampled.</summary>
    [Id(7)]
    public required string PolicyHash { get; init; }

    /// <summary>Identity of the reference.</summary>
    [Id(8)]
    public required string ReferenceHash { get; init; }

    /// <summary>Identity of the reward model.</summary>
    [Id(9)]
    public required string RewardHash { get; init; }

    /// <summary>Decoded responses, special tokens left out.</summary>
    [Id(10)]
    public required string[] Texts { get; init; }

    /// <summary>Seconds the device spent on generation.</summary>
    [Id(11)]
    public double DeviceSeconds { get; init; }

    /// <summary>Names of the silos that generated, gave reference log-probabilities, and scored.</summary>
    [Id(12)]
    public string[] Silos { get; init; } = [];
}

/// <summary>A request to a reference or reward model: numbers for given sequences.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ScoreRequest")]
public sealed record ScoreRequest
{
    /// <summary>The model that must compute.</summary>
    [Id(0)]
    public required ModelReference Model { get; init; }

    /// <summary>Prompts and responses.</summary>
    [Id(1)]
    public required SequenceBlock Sequences { get; init; }

    /// <summary>Temperature every logit is divided by; 1 for scores.</summary>
    [Id(2)]
    public double Temperature { get; init; } = 1.0;

    /// <summary>Compute threads, from the recipe.</summary>
    [Id(3)]
    public required int Threads { get; init; }
}

/// <summary>Numbers for a <see cref="ScoreRequest"/>, and which model and silo gave them.</summary>
/// <param name="Values">Per response token (reference) or per row (reward model).</param>
/// <param name="ModelHash">Identity of the model that computed.</param>
/// <param name="Silo">Name of the silo that computed.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ScoreResult")]
public sealed record ScoreResult(
    [property: Id(0)] FloatBlock Values, [property: Id(1)] string ModelHash, [property: Id(2)] string Silo);
