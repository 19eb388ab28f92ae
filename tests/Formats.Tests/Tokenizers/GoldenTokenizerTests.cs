using System.Text.Json;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.Tests.Tokenizers;

/// <summary>About 380 texts as the reference implementation (tokenizers 0.23.1) encodes and decodes them.</summary>
public sealed class GoldenTokenizerTests
{
    [Theory]
    [InlineData("bloom")]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("smollm")]
    [InlineData("llama2")]
    public void Encode_GoldenTexts_EqualsReference(string kind)
    {
        var tokenizer = Tokenizer.Load(Fixture.Path($"tokenizers/{kind}/tokenizer.json"));

        foreach (var golden in Goldens(kind))
        {
            var text = golden.GetProperty("text").GetString()!;
            Assert.Equal(Ids(golden, "ids"), tokenizer.Encode(text, addSpecialTokens: true));
            Assert.Equal(Ids(golden, "ids_without_special"), tokenizer.Encode(text));
        }
    }

    [Theory]
    [InlineData("bloom")]
    [InlineData("gpt2")]
    [InlineData("llama3")]
    [InlineData("smollm")]
    [InlineData("llama2")]
    public void Decode_GoldenIds_EqualsReference(string kind)
    {
        var tokenizer = Tokenizer.Load(Fixture.Path($"tokenizers/{kind}/tokenizer.json"));

        foreach (var golden in Goldens(kind))
        {
            var ids = Ids(golden, "ids");
            Assert.Equal(golden.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
            if (golden.TryGetProperty("decoded_with_special", out var withSpecial))
            {
                Assert.Equal(withSpecial.GetString(), tokenizer.Decode(ids, skipSpecialTokens: false));
            }
        }
    }

    private static List<JsonElement> Goldens(string kind)
    {
        using var document = JsonDocument.Parse(Fixture.Read($"tokenizers/{kind}/golden.json"));
        var goldens = document.RootElement.Clone().EnumerateArray().ToList();
        Assert.True(goldens.Count > 300);
        return goldens;
    }

    private static int[] Ids(JsonElement golden, string name) =>
        [.. golden.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
}
