namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>What to export.</summary>
public enum ExportFormat
{
    /// <summary>Final policy, merged, as a Hugging Face folder.</summary>
    HuggingFace = 0,

    /// <summary>Final policy as a PEFT adapter folder; LoRA runs only.</summary>
    Peft = 1,

    /// <summary>Metrics as JSONL, CSV and TensorBoard event files.</summary>
    Metrics = 2,

    /// <summary>Evaluation report as JSON and Markdown.</summary>
    Report = 3,

    /// <summary>Samples with provenance as JSONL.</summary>
    Samples = 4,

    /// <summary>Reward model: base with merged adapter and head, as AutoModelForSequenceClassification folder.</summary>
    RewardModel = 5,

    /// <summary>All of the above, each in its own folder.</summary>
    All = 6,
}

/// <summary>A request for export.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ExportRequest")]
public sealed record ExportRequest
{
    /// <summary>What to export.</summary>
    [Id(0)]
    public required ExportFormat Format { get; init; }

    /// <summary>Which parameters: <c>last</c>, <c>best</c> or <c>sft</c>.</summary>
    [Id(1)]
    public string Weights { get; init; } = "last";
}

/// <summary>A piece of an exported file, at most 1 MiB.</summary>
/// <param name="Path">Path relative to the export folder, with forward slashes.</param>
/// <param name="Data">The bytes, in order.</param>
/// <param name="Last">Whether the file ends here.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.FileChunk")]
public sealed record FileChunk([property: Id(0)] string Path, [property: Id(1)] byte[] Data, [property: Id(2)] bool Last);
