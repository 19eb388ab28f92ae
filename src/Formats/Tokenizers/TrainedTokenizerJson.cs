using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>The tokenizer.json of a trained tokenizer, as the reference implementation reads it.</summary>
internal static class TrainedTokenizerJson
{
    /// <summary>The special tokens; their ids are their positions.</summary>
    public static readonly string[] SpecialTokens = ["<unk>", "<s>", "</s>", "<pad>"];

    private const string WordPattern = @" ?[A-Za-z]+|[\u4e00-\u9fff]+|\s|[^\sA-Za-z\u4e00-\u9fff]";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The pre-tokenizer as a JSON object.</summary>
    public static byte[] PreTokenizer() => JsonSerializer.SerializeToUtf8Bytes(PreTokenizerNode());

    /// <summary>The whole file.</summary>
    /// <param name="tokens">The vocabulary in the order of the ids.</param>
    /// <param name="merges">The merges in the order of their ranks.</param>
    public static byte[] Write(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges)
    {
        var root = new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. SpecialTokens.Select(AddedToken)]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = PreTokenizerNode(),
            ["post_processor"] = null,
            ["decoder"] = ByteLevel(addPrefixSpace: true, useRegex: true),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),

                // One string per merge: every version of the reference reads it, and no byte symbol is a space.
                ["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
            },
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(root, Options), (byte)'\n'];
    }

    private static JsonObject PreTokenizerNode() => new()
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject
            {
                ["type"] = "Split",
                ["pattern"] = new JsonObject { ["Regex"] = WordPattern },
                ["behavior"] = "Isolated",
                ["invert"] = false,
            },
            ByteLevel(addPrefixSpace: false, useRegex: false)),
    };

    private static JsonObject ByteLevel(bool addPrefixSpace, bool useRegex) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = useRegex,
    };

    private static JsonNode AddedToken(string content, int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };
}
