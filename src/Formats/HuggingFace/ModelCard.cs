namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>The facts a model card states about an exported model.</summary>
public sealed record ModelCard
{
    /// <summary>What the folder holds, for example <c>Policy after PPO</c>.</summary>
    public required string Title { get; init; }

    /// <summary>The run that made it.</summary>
    public required string RunId { get; init; }

    /// <summary>The recipe's name.</summary>
    public required string RecipeName { get; init; }

    /// <summary>The base model: its folder or name, and its content hash.</summary>
    public required string Base { get; init; }

    /// <summary>The stages that were run, in order, one line each.</summary>
    public IReadOnlyList<string> Stages { get; init; } = [];

    /// <summary>Names and values of measurements, in the order they are shown.</summary>
    public IReadOnlyList<KeyValuePair<string, double>> Metrics { get; init; } = [];
}
