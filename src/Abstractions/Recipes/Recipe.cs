namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>One run, described: base model, data, and the stages that are present, in their fixed order
/// data, pretrain, sft, reward, ppo, evaluate. Keys in YAML are camelCase.</summary>
public sealed record Recipe
{
    /// <summary>The newest recipe version this program understands.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Version of the recipe format. Default: 1.</summary>
    public int RecipeVersion { get; init; } = CurrentVersion;

    /// <summary>A name for people. Default: the file's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Seed of every draw. Default: 1.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>The base model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>How to compute.</summary>
    public ComputeOptions Compute { get; init; } = new();

    /// <summary>Files and templates.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>Language-model training; absent: none.</summary>
    public PretrainOptions? Pretrain { get; init; }

    /// <summary>Supervised fine-tuning; absent: none.</summary>
    public SftOptions? Sft { get; init; }

    /// <summary>Reward-model training; absent: none.</summary>
    public RewardOptions? Reward { get; init; }

    /// <summary>PPO; absent: none. Needs <see cref="Reward"/>.</summary>
    public PpoOptions? Ppo { get; init; }

    /// <summary>Evaluation; absent: none.</summary>
    public EvaluationOptions? Evaluate { get; init; }

    /// <summary>The stages present, in order.</summary>
    public IReadOnlyList<string> Stages()
    {
        var stages = new List<string> { StageNames.Data };
        AddIf(Pretrain is not null, StageNames.Pretrain);
        AddIf(Sft is not null, StageNames.Sft);
        AddIf(Reward is not null, StageNames.Reward);
        AddIf(Reward is { AnswerOnlyBaseline: true }, StageNames.AnswerOnly);
        AddIf(Ppo is not null, StageNames.Ppo);
        AddIf(Evaluate is not null, StageNames.Evaluate);
        return stages;

        void AddIf(bool present, string stage)
        {
            if (present)
            {
                stages.Add(stage);
            }
        }
    }
}

/// <summary>Names of stages, as they appear in snapshots and commits.</summary>
public static class StageNames
{
    /// <summary>Import of files.</summary>
    public const string Data = "data";

    /// <summary>Language-model training.</summary>
    public const string Pretrain = "pretrain";

    /// <summary>Supervised fine-tuning.</summary>
    public const string Sft = "sft";

    /// <summary>Reward-model training.</summary>
    public const string Reward = "reward";

    /// <summary>The answer-only baseline of the reward model, for the report.</summary>
    public const string AnswerOnly = "reward-answer-only";

    /// <summary>Proximal policy optimisation.</summary>
    public const string Ppo = "ppo";

    /// <summary>Evaluation.</summary>
    public const string Evaluate = "evaluate";

    /// <summary>After the last stage.</summary>
    public const string Done = "done";
}
