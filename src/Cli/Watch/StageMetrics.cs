using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;

namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>Which metrics of a stage people look at, and what they call them.</summary>
internal static class StageMetrics
{
    private static readonly (string Label, string Metric)[] Ppo =
    [
        ("score", MetricNames.Scores),
        ("rlhf reward", MetricNames.RlhfReward),
        ("KL (nats/sequence)", MetricNames.Kl),
        ("entropy (nats/token)", MetricNames.Entropy),
        ("clip fraction", MetricNames.ClipFraction),
        ("policy loss", MetricNames.PolicyLoss),
        ("value loss", MetricNames.ValueLoss),
        ("answer length (tokens)", MetricNames.ResponseLength),
        ("exact on development set", MetricNames.DevExact),
    ];

    private static readonly (string Label, string Metric)[] Reward =
        [("loss", MetricNames.Loss), ("accuracy", MetricNames.RewardAccuracy), ("margin", MetricNames.RewardMargin)];

    private static readonly (string Label, string Metric)[] Training =
        [("loss", MetricNames.Loss), ("gradient norm", MetricNames.GradNorm), ("learning rate", MetricNames.LearningRate)];

    public static IReadOnlyList<(string Label, string Metric)> Of(string stage) => stage switch
    {
        StageNames.Ppo => Ppo,
        StageNames.Reward => Reward,
        StageNames.Pretrain or StageNames.Sft => Training,
        _ => [],
    };
}
