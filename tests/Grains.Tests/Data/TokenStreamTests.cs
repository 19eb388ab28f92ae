using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Data;

public sealed class TokenStreamTests
{
    [Fact]
    public void Build_Documents_ArePackedBetweenBosAndEos()
    {
        var folder = ModelFolder.Load(Tiny.ModelFolder);
        ClinicalRecord[] documents = [new() { Id = "a:1", Prompt = "insulin" }, new() { Id = "a:2", Prompt = "shock" }];
        int[] expected =
        [
            folder.Config.BosTokenId, .. folder.Tokenizer.Encode("insulin", true), folder.Config.EosTokenId,
            folder.Config.BosTokenId, .. folder.Tokenizer.Encode("shock", true), folder.Config.EosTokenId,
        ];

        var stream = TokenStream.Build(documents, folder.Tokenizer, folder.Config);

        Assert.Equal(expected.Length / 2, stream.Windows(2));
        Assert.Equal(expected, stream.Window(0, expected.Length));
        Assert.Equal(expected[2..4], stream.Window(1, 2));
    }
}
