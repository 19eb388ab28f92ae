namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>The components of a tokenizer.json, in the order a text passes them.</summary>
internal sealed record TokenizerParts
{
    /// <summary>Tokens found before anything else.</summary>
    public required IReadOnlyList<AddedToken> AddedTokens { get; init; }

    /// <summary>Changes the text, or null.</summary>
    public required INormalizer? Normalizer { get; init; }

    /// <summary>Cuts the text, or null.</summary>
    public required IPreTokenizer? PreTokenizer { get; init; }

    /// <summary>Pieces to ids.</summary>
    public required BpeModel Model { get; init; }

    /// <summary>The model's vocabulary, token to id.</summary>
    public required IReadOnlyDictionary<string, int> Vocabulary { get; init; }

    /// <summary>What goes around the ids.</summary>
    public required TokenTemplate Template { get; init; }

    /// <summary>Tokens to text, or null: joined by spaces.</summary>
    public required IDecoder? Decoder { get; init; }
}
