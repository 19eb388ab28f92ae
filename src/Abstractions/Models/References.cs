namespace ClinicalGpt.Orleans.Abstractions.Models;

/// <summary>A base model by place and content.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.BaseModelReference")]
public sealed record BaseModelReference
{
    /// <summary>Hugging Face folder, absolute; every silo that computes must see it.</summary>
    [Id(0)]
    public required string Path { get; init; }

    /// <summary>SHA-256 over configuration, weights and tokenizer, lower-case hex; checked when a silo loads the folder.</summary>
    [Id(1)]
    public required string ContentHash { get; init; }

    /// <summary>SHA-256 of each file of the folder that belongs to the model, as sha256sum prints it, by name; empty for a model
    /// kept as blobs and for runs of versions that did not record it. Names the file that changed.</summary>
    [Id(2)]
    public Dictionary<string, string> Files { get; init; } = [];
}

/// <summary>Trained parameters over a base model: a LoRA adapter or a full set, with or without a scalar head.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ParameterReference")]
public sealed record ParameterReference
{
    /// <summary>SHA-256 of the safetensors blob that holds the parameters, lower-case hex.</summary>
    [Id(0)]
    public required string Hash { get; init; }

    /// <summary>True: LoRA factors. False: every weight of the model.</summary>
    [Id(1)]
    public required bool IsLora { get; init; }

    /// <summary>LoRA alpha over r, the factor in front of B·A; 1 for a full set.</summary>
    [Id(2)]
    public double Scale { get; init; } = 1.0;
}

/// <summary>A model as it computes: base and trained parameters.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ModelReference")]
public sealed record ModelReference
{
    /// <summary>The base model.</summary>
    [Id(0)]
    public required BaseModelReference Base { get; init; }

    /// <summary>What was trained on top; null: the base model itself.</summary>
    [Id(1)]
    public ParameterReference? Parameters { get; init; }

    /// <summary>What samples record as the model's identity: the parameters' hash, or the base model's.</summary>
    public string IdentityHash => Parameters?.Hash ?? Base.ContentHash;
}

/// <summary>Where training can go on: parameters and optimizer state, both content-addressed.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.CheckpointReference")]
public sealed record CheckpointReference
{
    /// <summary>The parameters.</summary>
    [Id(0)]
    public required ParameterReference Parameters { get; init; }

    /// <summary>SHA-256 of the safetensors blob with AdamW's moments, lower-case hex.</summary>
    [Id(1)]
    public required string OptimizerHash { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    [Id(2)]
    public required long OptimizerStep { get; init; }
}

/// <summary>Where PPO can go on.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.PpoCheckpoint")]
public sealed record PpoCheckpoint
{
    /// <summary>Policy parameters and optimizer.</summary>
    [Id(0)]
    public required CheckpointReference Policy { get; init; }

    /// <summary>Critic parameters and optimizer.</summary>
    [Id(1)]
    public required CheckpointReference Critic { get; init; }
}

/// <summary>Constants that turn a reward model's raw score into the reward: (raw - mean) / std, measured on SFT samples.</summary>
/// <param name="Mean">Mean raw score.</param>
/// <param name="Std">Standard deviation of the raw score, above 0.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.ScoreNormalization")]
public sealed record ScoreNormalization([property: Id(0)] double Mean, [property: Id(1)] double Std);
