namespace ClinicalGpt.Orleans.Formats.Peft;

/// <summary>What the adapter_config.json of a LoRA adapter says.</summary>
public sealed record AdapterConfig
{
    /// <summary>LoRA rank r, at least 1.</summary>
    public required int Rank { get; init; }

    /// <summary>LoRA alpha; the product B·A counts <see cref="Scale"/> times.</summary>
    public required double Alpha { get; init; }

    /// <summary>Dropout while it was trained, [0, 1).</summary>
    public double Dropout { get; init; }

    /// <summary>Names of the linear layers with an adapter, for example <c>query_key_value</c>.</summary>
    public required IReadOnlyList<string> TargetModules { get; init; }

    /// <summary>Name or folder of the base model, as the adapter records it.</summary>
    public string BaseModel { get; init; } = "";

    /// <summary>Whether a scalar head (<c>score</c>) was trained and saved with the adapter: a reward model.</summary>
    public bool HasScoreHead { get; init; }

    /// <summary>alpha / r.</summary>
    public double Scale => Alpha / Rank;
}
