namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>How a tokenizer is trained.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Entries of the vocabulary: 4 special tokens, 256 bytes, then merges; at least 260. Fewer come out where
    /// the texts run out of pairs. Default: 2816.</summary>
    public int VocabularySize { get; init; } = 2816;

    /// <summary>How often a pair must occur to be merged, at least 1. Default: 2.</summary>
    public int MinPairCount { get; init; } = 2;
}
