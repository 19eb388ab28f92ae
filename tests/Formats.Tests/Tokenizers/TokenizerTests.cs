using System.Text;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.Tests.Tokenizers;

public sealed class TokenizerTests
{
    private static readonly Tokenizer Bloom = Tokenizer.Load(Fixture.Path("tokenizers/bloom/tokenizer.json"));

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter()
    {
        // Not as InlineData: an attribute's strings are stored as UTF-8, which has no lone surrogates.
        (string Text, string Meant)[] cases =
        [
            ("a\uD800b", "a\uFFFDb"), ("\uDC00", "\uFFFD"), ("\uD83D", "\uFFFD"), ("x😀\uD83D", "x😀\uFFFD"),
        ];

        Assert.All(cases, pair => Assert.Equal(Bloom.Encode(pair.Meant), Bloom.Encode(pair.Text)));
        Assert.All(cases, pair => Assert.Equal(pair.Meant, Bloom.Decode(Bloom.Encode(pair.Text))));
    }

    [Fact]
    public void Decode_PartOfACharacter_ReplacementCharacter() => Assert.Equal(
        "\uFFFD", Bloom.Decode([Bloom.IdOf("ä")!.Value]));

    [Fact]
    public void Decode_UnknownIds_AreLeftOut() => Assert.Equal("", Bloom.Decode([-1, 1_000_000]));

    [Fact]
    public void Encode_FromManyThreads_SameAsFromOne()
    {
        var texts = Enumerable.Range(0, 400).Select(i => $"患者 {i} cough fever {i * 7}").ToList();
        var expected = texts.ConvertAll(text => Bloom.Encode(text));
        var fresh = Tokenizer.FromJson(Bloom.Json, "test");

        var actual = texts.AsParallel().AsOrdered().WithDegreeOfParallelism(8).Select(text => fresh.Encode(text)).ToList();

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Encode_VeryLongWord_IsNotQuadratic()
    {
        var text = string.Concat(Enumerable.Repeat("患者咳嗽发热ab", 20_000));

        Assert.Equal(text, Bloom.Decode(Bloom.Encode(text)));
    }

    [Fact]
    public void FromJson_MergesAsStrings_SameIds()
    {
        var json = Edit(root =>
        {
            var merges = root["model"]!["merges"]!.AsArray();
            root["model"]!["merges"] = new JsonArray([.. merges.Select(merge => (JsonNode)$"{merge![0]} {merge[1]}")]);
        });

        Assert.Equal(Bloom.Encode("肺炎有哪些常见症状? cough"), Tokenizer.FromJson(json, "test").Encode("肺炎有哪些常见症状? cough"));
    }

    [Theory]
    [InlineData("model.type", "\"Unigram\"")]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"CharDelimiterSplit"}]}""")]
    [InlineData("post_processor", """{"type":"BertProcessing"}""")]
    [InlineData("decoder", """{"type":"WordPiece"}""")]
    public void FromJson_UnknownComponent_NamesIt(string path, string value)
    {
        var name = JsonNode.Parse(value) is JsonValue text ? text.ToString() : Innermost(JsonNode.Parse(value)!);
        var json = Edit(root => Set(root, path, JsonNode.Parse(value)));

        var problem = Problems.ExpectOne(ErrorCodes.TokenizerInvalid, () => Tokenizer.FromJson(json, "t.json"));

        Assert.Equal("t.json", problem.File);
        Assert.Contains($"'{name}' is not supported", problem.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, problem.Key, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", "null")]
    [InlineData("model.vocab", """{"a": 0, "b": 0}""")]
    [InlineData("model.vocab", """{"a": -1}""")]
    [InlineData("model.vocab", """{"a": 2000000000}""")]
    [InlineData("model.merges", """["a b c"]""")]
    [InlineData("model.merges", """[["a", "nowhere"]]""")]
    [InlineData("model.unk_token", "\"nowhere\"")]
    [InlineData("model.dropout", "0.1")]
    [InlineData("added_tokens", """[{"id": 1}]""")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated"}""")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"}""")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Sometimes"}""")]
    public void FromJson_Contradictory_TokenizerInvalid(string path, string value) => Problems.ExpectOne(
        ErrorCodes.TokenizerInvalid,
        () => Tokenizer.FromJson(Edit(root => Set(root, path, JsonNode.Parse(value))), "t.json"));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model\": ")]
    [InlineData("{\"model\": \"\\ud800\"}")]
    public void FromJson_NotATokenizer_TokenizerInvalid(string json) => Problems.ExpectOne(
        ErrorCodes.TokenizerInvalid, () => Tokenizer.FromJson(Encoding.UTF8.GetBytes(json), "t.json"));

    [Fact]
    public void Load_NoSuchFile_ModelMissing() =>
        Problems.ExpectOne(ErrorCodes.ModelMissing, () => Tokenizer.Load("/nowhere/tokenizer.json"));

    private static byte[] Edit(Action<JsonNode> edit)
    {
        var root = JsonNode.Parse(Bloom.Json.Span)!;
        edit(root);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static void Set(JsonNode root, string path, JsonNode? value)
    {
        var keys = path.Split('.');
        keys[..^1].Aggregate(root, (node, key) => node[key]!)[keys[^1]] = value;
    }

    private static string Innermost(JsonNode component) =>
        (component["pretokenizers"]?[0] ?? component)["type"]!.ToString();
}
