namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>Files of each stage, relative to the recipe, and how conversations become text.</summary>
public sealed record DataOptions
{
    /// <summary>Plain text for language-model training: JSON lines with <c>text</c>.</summary>
    public IReadOnlyList<string> Pretrain { get; init; } = [];

    /// <summary>SFT: JSON lines or arrays with messages, conversations, prompt/completion or instruction/input/output.</summary>
    public IReadOnlyList<string> Sft { get; init; } = [];

    /// <summary>Held-out SFT rows drawn like the SFT rows. Empty: <see cref="HeldOutShare"/> of <see cref="Sft"/> is set aside.</summary>
    public IReadOnlyList<string> SftHeldOut { get; init; } = [];

    /// <summary>Comparisons: prompt/chosen/rejected, question/response_chosen/response_rejected, conversations/chosen/rejected.</summary>
    public IReadOnlyList<string> Reward { get; init; } = [];

    /// <summary>Held-out comparisons. Empty: <see cref="HeldOutShare"/> of <see cref="Reward"/> is set aside.</summary>
    public IReadOnlyList<string> RewardHeldOut { get; init; } = [];

    /// <summary>PPO prompts; any shape with a prompt. Empty: the prompts of <see cref="Reward"/>.</summary>
    public IReadOnlyList<string> Prompts { get; init; } = [];

    /// <summary>Share set aside where no held-out file is given, [0, 0.5]. Default: 0.05.</summary>
    public double HeldOutShare { get; init; } = 0.05;

    /// <summary>Longest prompt plus answer in tokens; longer prompts lose their beginning, longer answers their record. Default: 1024 (ClinicalGPT).</summary>
    public int MaxLength { get; init; } = 1024;

    /// <summary>How a user's turn becomes text; <c>{content}</c> is the turn. Default: <c>问：{content}\n</c>.</summary>
    public string UserTemplate { get; init; } = "问：{content}\n";

    /// <summary>What stands before an answer; the answer and EOS follow. Default: <c>答：</c>.</summary>
    public string AssistantTemplate { get; init; } = "答：";

    /// <summary>The knowledge graph answers can be checked against: JSON lines of subject, relation, object. Null: none.</summary>
    public string? Graph { get; init; }
}
