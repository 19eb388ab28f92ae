namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>The base model and where stages may start instead.</summary>
public sealed record ModelOptions
{
    /// <summary>Hugging Face folder with config.json, model.safetensors and tokenizer.json; relative to the recipe.</summary>
    public required string Path { get; init; }

    /// <summary>Put the BOS token before every prompt. Default: false, as BLOOM's tokenizer does.</summary>
    public bool AddBos { get; init; }

    /// <summary>Dimensions of a new model, made instead of loading weights; for <c>pretrain</c> only.</summary>
    public NewModelOptions? Create { get; init; }

    /// <summary>A folder with an SFT model (Hugging Face, or PEFT over <see cref="Path"/>) to begin from instead of the SFT stage.</summary>
    public string? SftPath { get; init; }

    /// <summary>A folder with a reward model (AutoModelForSequenceClassification, one label) to use instead of the reward stage.</summary>
    public string? RewardPath { get; init; }
}

/// <summary>Dimensions of a new BLOOM model. The tokenizer is trained on the pretraining files where <see cref="ModelOptions.Path"/> has none.</summary>
public sealed record NewModelOptions
{
    /// <summary>Vocabulary entries, at least 300. Default: 2816.</summary>
    public int VocabularySize { get; init; } = 2816;

    /// <summary>Width; a multiple of <see cref="Heads"/>. Default: 128.</summary>
    public int HiddenSize { get; init; } = 128;

    /// <summary>Blocks. Default: 4.</summary>
    public int Layers { get; init; } = 4;

    /// <summary>Attention heads. Default: 4.</summary>
    public int Heads { get; init; } = 4;
}

/// <summary>How to compute.</summary>
public sealed record ComputeOptions
{
    /// <summary>Threads of a tensor operation on CPU, 1 to 256. Part of the recipe because sums depend on it. Default: 2.</summary>
    public int Threads { get; init; } = 2;
}

/// <summary>Which parameters a stage trains.</summary>
public sealed record AdapterOptions
{
    /// <summary><c>lora</c> or <c>full</c>. Default: lora.</summary>
    public string Mode { get; init; } = "lora";

    /// <summary>LoRA rank r. Default: 8 (ClinicalGPT).</summary>
    public int Rank { get; init; } = 8;

    /// <summary>LoRA alpha. Default: 32 (ClinicalGPT).</summary>
    public double Alpha { get; init; } = 32;

    /// <summary>LoRA dropout in SFT and reward training, [0, 1); never active in PPO. Default: 0.1 (ClinicalGPT).</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Linear layers with an adapter. Default: <c>[query_key_value]</c>, PEFT's for BLOOM; all four:
    /// query_key_value, dense, dense_h_to_4h, dense_4h_to_h.</summary>
    public IReadOnlyList<string> Targets { get; init; } = ["query_key_value"];

    /// <summary>Whether <see cref="Mode"/> is <c>lora</c>.</summary>
    public bool IsLora => Mode == "lora";

    /// <summary>alpha / r.</summary>
    public double Scale => Alpha / Rank;
}
