using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>What a computation with a frozen model allocates beside it.</summary>
/// <param name="Workspace">Its workspace, from the model's dimensions and whether LoRA factors act.</param>
/// <param name="MergesAdapter">Whether it samples, for which LoRA is merged into a copy of the weights.</param>
public sealed record DeviceNeed(Func<ModelConfig, bool, Workspace> Workspace, bool MergesAdapter = false)
{
    /// <summary>Nothing on the device that counts.</summary>
    public static DeviceNeed None { get; } = new((_, _) => Learning.Models.Workspace.None);

    /// <summary>Generation.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="maxResponseTokens">Longest response.</param>
    public static DeviceNeed Generating(SequenceBlock prompts, int maxResponseTokens) => new(
        (config, _) => WorkspaceEstimate.Generation(config, prompts.Rows, prompts.PromptLengths.Max(), maxResponseTokens), MergesAdapter: true);

    /// <summary>Log-probabilities or losses.</summary>
    /// <param name="sequences">Prompts with responses.</param>
    public static DeviceNeed LogProbs(SequenceBlock sequences) =>
        new((config, isLora) => WorkspaceEstimate.Scoring(config, isLora, sequences, withLogits: true));

    /// <summary>Scores of a reward model.</summary>
    /// <param name="sequences">Prompts with responses.</param>
    public static DeviceNeed Scores(SequenceBlock sequences) =>
        new((config, isLora) => WorkspaceEstimate.Scoring(config, isLora, sequences, withLogits: false));
}
