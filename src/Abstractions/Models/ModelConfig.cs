namespace ClinicalGpt.Orleans.Abstractions.Models;

/// <summary>What a Hugging Face <c>config.json</c> of the BLOOM family says.</summary>
public sealed record ModelConfig
{
    /// <summary>The family, <c>bloom</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Vocabulary entries (rows of the embedding).</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Transformer blocks.</summary>
    public required int Layers { get; init; }

    /// <summary>Attention heads; need not be a power of two.</summary>
    public required int Heads { get; init; }

    /// <summary>Epsilon of every layer normalisation.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Standard deviation of freshly initialised weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>Whether the residual is taken after the layer normalisation (<c>apply_residual_connection_post_layernorm</c>).</summary>
    public bool ResidualAfterLayerNorm { get; init; }

    /// <summary>Whether the output projection is the embedding. BLOOM: true.</summary>
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Token that starts a document.</summary>
    public int BosTokenId { get; init; } = 1;

    /// <summary>Token that ends an answer.</summary>
    public int EosTokenId { get; init; } = 2;

    /// <summary>Filler token, masked everywhere.</summary>
    public int PadTokenId { get; init; } = 3;

    /// <summary>Width of one head.</summary>
    public int HeadSize => HiddenSize / Heads;
}
