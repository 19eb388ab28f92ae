using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Reads a tokenizer.json into its components.</summary>
internal static class TokenizerJson
{
    /// <summary>Reads the file.</summary>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.TokenizerInvalid"/>, naming the component at fault.</exception>
    public static TokenizerParts Read(ReadOnlyMemory<byte> json, string file)
    {
        var root = JsonSection.Parse(json, file, ErrorCodes.TokenizerInvalid);
        var model = root.Section("model") ?? throw root.Problem("is missing: this is no tokenizer.json", "model");
        var (bpe, vocabulary) = BpeModelJson.Read(model);
        var added = ReadAddedTokens(root);
        return new TokenizerParts
        {
            AddedTokens = added,
            Normalizer = root.Section("normalizer") is { } normalizer ? ComponentJson.ReadNormalizer(normalizer) : null,
            PreTokenizer = root.Section("pre_tokenizer") is { } cutter ? ComponentJson.ReadPreTokenizer(cutter) : null,
            Model = bpe,
            Vocabulary = vocabulary,
            Template = root.Section("post_processor") is { } processor
                ? ComponentJson.ReadTemplate(processor)
                : TokenTemplate.None,
            Decoder = root.Section("decoder") is { } decoder ? ComponentJson.ReadDecoder(decoder) : null,
        };
    }

    private static List<AddedToken> ReadAddedTokens(JsonSection root)
    {
        var tokens = new List<AddedToken>();
        foreach (var token in root.Sections("added_tokens"))
        {
            var id = token.Required("id", token.Integer("id"));
            if (id is < 0 or > BpeModelJson.MaxId)
            {
                throw token.Problem($"must be from 0 to {BpeModelJson.MaxId}, not {id}", "id");
            }

            var special = token.Flag("special");
            tokens.Add(new AddedToken(
                id,
                token.RequiredText("content"),
                special,
                token.Flag("normalized", !special),
                token.Flag("single_word"),
                token.Flag("lstrip"),
                token.Flag("rstrip")));
        }

        return tokens;
    }
}
