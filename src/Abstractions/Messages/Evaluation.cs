using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>What an evaluation measures.</summary>
public enum EvaluationKind
{
    /// <summary>Mean loss of the given answers, nats per token (the paper's SFT loss).</summary>
    Loss = 0,

    /// <summary>Share of generated answers that agree exactly with the knowledge graph.</summary>
    GraphAgreement = 1,

    /// <summary>Exam accuracy: by the options' log-likelihood, and by the text the model writes.</summary>
    Exam = 2,

    /// <summary>BLEU, GLEU and ROUGE of generated answers against given ones.</summary>
    TextOverlap = 3,

    /// <summary>Share of comparisons the reward model ranks as given.</summary>
    Ranking = 4,

    /// <summary>Diagnosis accuracy by disease group: the generated diagnosis equals the record's.</summary>
    Diagnosis = 5,
}

/// <summary>One model measured on one set in one way.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.EvaluationRequest")]
public sealed record EvaluationRequest
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Unique within the run, for example <c>ppo/heldout-wordings/sampled</c>.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>What to measure.</summary>
    [Id(2)]
    public required EvaluationKind Kind { get; init; }

    /// <summary>The model.</summary>
    [Id(3)]
    public required ModelReference Model { get; init; }

    /// <summary>The cases.</summary>
    [Id(4)]
    public required DatasetReference Dataset { get; init; }

    /// <summary>How to sample, where the measure generates; temperature 0 is greedy.</summary>
    [Id(5)]
    public required SamplingSettings Sampling { get; init; }

    /// <summary>Most cases to use; the first ones of the set.</summary>
    [Id(6)]
    public required int MaxCases { get; init; }

    /// <summary>Seed of the draws: the same for every model, so that comparisons are paired.</summary>
    [Id(7)]
    public required ulong Seed { get; init; }

    /// <summary>The resolved recipe as JSON.</summary>
    [Id(8)]
    public required string RecipeJson { get; init; }

    /// <summary>The knowledge graph's blob hash, for <see cref="EvaluationKind.GraphAgreement"/>.</summary>
    [Id(9)]
    public string? GraphHash { get; init; }

    /// <summary>Reference for a KL figure beside generated answers; null: none.</summary>
    [Id(10)]
    public ModelReference? Reference { get; init; }

    /// <summary>Reward model for a score beside generated answers; null: none.</summary>
    [Id(11)]
    public ModelReference? Reward { get; init; }

    /// <summary>The score constants that go with <see cref="Reward"/>.</summary>
    [Id(12)]
    public ScoreNormalization? Normalization { get; init; }

    /// <summary>For <see cref="EvaluationKind.Ranking"/>: leave the prompt out (the answer-only baseline).</summary>
    [Id(13)]
    public bool AnswerOnly { get; init; }
}

/// <summary>The outcome of an <see cref="EvaluationRequest"/>.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.EvaluationResult")]
public sealed record EvaluationResult
{
    /// <summary>The request's name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Cases measured.</summary>
    [Id(1)]
    public required int Cases { get; init; }

    /// <summary>Figures by name, for example <c>exact</c>, <c>loss</c>, <c>bleu-4</c>.</summary>
    [Id(2)]
    public required Dictionary<string, double> Values { get; init; }

    /// <summary>95 % interval of a figure: <c>name</c> to (low, high).</summary>
    [Id(3)]
    public Dictionary<string, double[]> Intervals { get; init; } = [];

    /// <summary>The main figure of each case (1 or 0 where it is a share), in set order, for paired comparisons.</summary>
    [Id(4)]
    public required FloatBlock CaseValues { get; init; }

    /// <summary>A few cases to look at: prompt, answer, verdict.</summary>
    [Id(5)]
    public EvaluationSample[] Samples { get; init; } = [];
}

/// <summary>One case to look at.</summary>
/// <param name="RecordId">The record's id.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Answer">What the model wrote.</param>
/// <param name="Verdict">What the measure made of it.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.EvaluationSample")]
public sealed record EvaluationSample(
    [property: Id(0)] string RecordId, [property: Id(1)] string Prompt, [property: Id(2)] string Answer, [property: Id(3)] string Verdict);
