using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Grains.Data;

/// <summary>Documents of language-model training, packed one after the other: BOS, text, EOS.</summary>
public sealed class TokenStream
{
    private readonly int[] _tokens;

    private TokenStream(int[] tokens) => _tokens = tokens;

    /// <summary>Packs documents. Special tokens written in the text count as such.</summary>
    /// <param name="records">Documents; the text is the prompt.</param>
    /// <param name="tokenizer">Tokenizer.</param>
    /// <param name="config">For the ids of BOS and EOS.</param>
    public static TokenStream Build(IEnumerable<ClinicalRecord> records, Tokenizer tokenizer, ModelConfig config) =>
        new([.. records.SelectMany(r => (int[])[config.BosTokenId, .. tokenizer.Encode(r.Prompt, parseSpecialTokens: true), config.EosTokenId])]);

    /// <summary>Whole windows there are.</summary>
    /// <param name="length">Tokens of a window.</param>
    public int Windows(int length) => _tokens.Length / length;

    /// <summary>A window.</summary>
    /// <param name="index">0-based.</param>
    /// <param name="length">Tokens of a window.</param>
    public int[] Window(int index, int length) => _tokens[(index * length)..((index + 1) * length)];
}
