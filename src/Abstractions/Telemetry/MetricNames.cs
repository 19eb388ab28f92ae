namespace ClinicalGpt.Orleans.Abstractions.Telemetry;

/// <summary>Names of training metrics, as users of TRL know them.</summary>
public static class MetricNames
{
    /// <summary>SFT or language-model loss, nats per token.</summary>
    public const string Loss = "train/loss";

    /// <summary>L2 norm of the gradient before clipping.</summary>
    public const string GradNorm = "optim/grad_norm";

    /// <summary>Learning rate.</summary>
    public const string LearningRate = "optim/lr";

    /// <summary>Share of the batch's comparisons ranked as given.</summary>
    public const string RewardAccuracy = "train/accuracy";

    /// <summary>Mean margin chosen - rejected, raw score units.</summary>
    public const string RewardMargin = "train/margin";

    /// <summary>Mean normalised score, reward units.</summary>
    public const string Scores = "objective/scores";

    /// <summary>Mean of score minus KL penalty over the response, reward units.</summary>
    public const string RlhfReward = "objective/rlhf_reward";

    /// <summary>Mean of -KlCoef x KL over the response, reward units; at most 0 in expectation.</summary>
    public const string NonScoreReward = "objective/non_score_reward";

    /// <summary>KL to the reference, summed over the response, mean over sequences, nats.</summary>
    public const string Kl = "objective/kl";

    /// <summary>KL coefficient, reward per nat.</summary>
    public const string KlCoef = "objective/kl_coef";

    /// <summary>Entropy of the policy over response tokens, nats per token.</summary>
    public const string Entropy = "policy/entropy_avg";

    /// <summary>Old vs. new policy, 0.5 mean squared log-ratio, nats per token.</summary>
    public const string ApproxKl = "policy/approxkl_avg";

    /// <summary>Share of tokens whose clipped branch counts.</summary>
    public const string ClipFraction = "policy/clipfrac_avg";

    /// <summary>Policy loss.</summary>
    public const string PolicyLoss = "loss/policy_avg";

    /// <summary>Value loss.</summary>
    public const string ValueLoss = "loss/value_avg";

    /// <summary>Share of tokens whose clipped value branch counts.</summary>
    public const string ValueClipFraction = "val/clipfrac_avg";

    /// <summary>1 - Var(return - value) / Var(return).</summary>
    public const string ExplainedVariance = "val/explained_variance";

    /// <summary>Mean probability ratio new / old.</summary>
    public const string Ratio = "val/ratio";

    /// <summary>Mean response length, tokens.</summary>
    public const string ResponseLength = "response/length_mean";

    /// <summary>Share of responses without EOS.</summary>
    public const string MissingEos = "response/missing_eos_ratio";

    /// <summary>Largest gap between the sampler's and the trainer's log-probability of a token, nats.</summary>
    public const string SamplerGap = "policy/sampler_logprob_gap_max";

    /// <summary>Norm of the critic's gradient before clipping.</summary>
    public const string CriticGradNorm = "optim/critic_grad_norm";

    /// <summary>Share of exact answers on the development split.</summary>
    public const string DevExact = "eval/dev_exact";
}
