using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Abstractions.Storage;

/// <summary>Everything a run needs to go on, as committed with each iteration. Resume reads this and the resolved
/// recipe, nothing else. Serialised as JSON; new members need safe defaults.</summary>
public sealed record RunProgress
{
    /// <summary>The stage of the next iteration; <c>done</c> at the end.</summary>
    public required string Stage { get; init; }

    /// <summary>The next iteration of <see cref="Stage"/>, 0-based.</summary>
    public required int Iteration { get; init; }

    /// <summary>The base model, hashed when the run began.</summary>
    public BaseModelReference? Base { get; init; }

    /// <summary>Imported data sets by name.</summary>
    public IReadOnlyDictionary<string, DatasetReference> Datasets { get; init; } = new Dictionary<string, DatasetReference>();

    /// <summary>Blob hash of the knowledge graph answers are checked against; null: none.</summary>
    public string? GraphHash { get; init; }

    /// <summary>Language-model training.</summary>
    public CheckpointReference? Pretrain { get; init; }

    /// <summary>SFT; its parameters are the reference.</summary>
    public CheckpointReference? Sft { get; init; }

    /// <summary>Reward model with head.</summary>
    public CheckpointReference? Reward { get; init; }

    /// <summary>The answer-only baseline of the reward model.</summary>
    public CheckpointReference? AnswerOnly { get; init; }

    /// <summary>Score constants measured on SFT samples.</summary>
    public ScoreNormalization? Normalization { get; init; }

    /// <summary>Policy and critic.</summary>
    public PpoCheckpoint? Ppo { get; init; }

    /// <summary>KL coefficient of the next PPO iteration, reward per nat.</summary>
    public double KlCoef { get; init; }

    /// <summary>Policy parameters with the best share of exact answers on the development split.</summary>
    public ParameterReference? Best { get; init; }

    /// <summary>That share.</summary>
    public double BestExact { get; init; } = double.NegativeInfinity;

    /// <summary>PPO iteration after which it was measured.</summary>
    public int BestIteration { get; init; } = -1;

    /// <summary>Compute threads the run's numbers were made with.</summary>
    public int Threads { get; init; }
}
