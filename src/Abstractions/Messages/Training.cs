using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>Some consecutive optimizer steps of language-model, SFT or reward training, from one checkpoint to the next.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.TrainBlockRequest")]
public sealed record TrainBlockRequest
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Epoch of the run's activation that asks; older ones are refused.</summary>
    [Id(1)]
    public required long Epoch { get; init; }

    /// <summary><c>pretrain</c>, <c>sft</c> or <c>reward</c>.</summary>
    [Id(2)]
    public required string Stage { get; init; }

    /// <summary>The resolved recipe as JSON.</summary>
    [Id(3)]
    public required string RecipeJson { get; init; }

    /// <summary>The base model.</summary>
    [Id(4)]
    public required BaseModelReference Base { get; init; }

    /// <summary>Where to go on from; null: initialise.</summary>
    [Id(5)]
    public CheckpointReference? Start { get; init; }

    /// <summary>For the reward model: the SFT parameters it starts from.</summary>
    [Id(6)]
    public ParameterReference? InitialParameters { get; init; }

    /// <summary>Training records.</summary>
    [Id(7)]
    public required DatasetReference Dataset { get; init; }

    /// <summary>First optimizer step of the block, 0-based.</summary>
    [Id(8)]
    public required int FirstStep { get; init; }

    /// <summary>Steps in the block.</summary>
    [Id(9)]
    public required int Steps { get; init; }

    /// <summary>Steps of the whole stage, for the learning-rate schedule.</summary>
    [Id(10)]
    public required int TotalSteps { get; init; }
}

/// <summary>The outcome of a <see cref="TrainBlockRequest"/> or <see cref="LearnRequest"/> part: metrics of one step.</summary>
/// <param name="Step">Step within the stage, 0-based.</param>
/// <param name="Values">Metric name to value; names from <see cref="Telemetry.MetricNames"/>.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.StepMetrics")]
public sealed record StepMetrics([property: Id(0)] int Step, [property: Id(1)] Dictionary<string, double> Values);

/// <summary>The outcome of a <see cref="TrainBlockRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.TrainBlockResult")]
public sealed record TrainBlockResult
{
    /// <summary>The checkpoint after the block, already stored.</summary>
    [Id(0)]
    public required CheckpointReference Checkpoint { get; init; }

    /// <summary>Metrics of each step.</summary>
    [Id(1)]
    public required StepMetrics[] Metrics { get; init; }

    /// <summary>Seconds spent on the device.</summary>
    [Id(2)]
    public double DeviceSeconds { get; init; }
}

/// <summary>One PPO iteration's learning: shaped rewards, advantages, epochs of minibatches over the experience.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.LearnRequest")]
public sealed record LearnRequest
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Epoch of the run's activation that asks; older ones are refused.</summary>
    [Id(1)]
    public required long Epoch { get; init; }

    /// <summary>PPO iteration, 0-based.</summary>
    [Id(2)]
    public required int Iteration { get; init; }

    /// <summary>The resolved recipe as JSON.</summary>
    [Id(3)]
    public required string RecipeJson { get; init; }

    /// <summary>The base model.</summary>
    [Id(4)]
    public required BaseModelReference Base { get; init; }

    /// <summary>Policy and critic before the iteration; null: begin from <see cref="Sft"/> and <see cref="Reward"/>.</summary>
    [Id(5)]
    public PpoCheckpoint? Start { get; init; }

    /// <summary>The SFT parameters: the policy's start and the reference.</summary>
    [Id(6)]
    public required ParameterReference? Sft { get; init; }

    /// <summary>The reward model's parameters with head: the critic's start.</summary>
    [Id(7)]
    public required ParameterReference Reward { get; init; }

    /// <summary>Constants folded into the critic's head, so that it predicts normalised scores.</summary>
    [Id(8)]
    public required ScoreNormalization Normalization { get; init; }

    /// <summary>KL coefficient of this iteration, reward per nat.</summary>
    [Id(9)]
    public required double KlCoef { get; init; }

    /// <summary>The experience, in chunk order.</summary>
    [Id(10)]
    public required Experience[] Experience { get; init; }
}

/// <summary>The outcome of a <see cref="LearnRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.LearnResult")]
public sealed record LearnResult
{
    /// <summary>Policy and critic after the iteration, already stored.</summary>
    [Id(0)]
    public required PpoCheckpoint Checkpoint { get; init; }

    /// <summary>Metrics of the iteration.</summary>
    [Id(1)]
    public required Dictionary<string, double> Metrics { get; init; }

    /// <summary>KL to the reference of each sequence, nats, in experience order.</summary>
    [Id(2)]
    public required FloatBlock SequenceKl { get; init; }

    /// <summary>Normalised and clipped score of each sequence as it entered the reward, in experience order.</summary>
    [Id(3)]
    public required FloatBlock Rewards { get; init; }

    /// <summary>Seconds spent on the device.</summary>
    [Id(4)]
    public double DeviceSeconds { get; init; }
}
