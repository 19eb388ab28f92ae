using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Tokenizers;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Data;

public sealed class RecordTokenizerTests
{
    private static readonly ModelConfig Config = ModelFolder.ReadConfig(Tiny.ModelFolder);
    private static readonly Tokenizer Tokens = Tokenizer.Load(Path.Combine(Tiny.ModelFolder, "tokenizer.json"));

    [Fact]
    public void Prompt_TooLong_KeepsItsEndAndBos()
    {
        var text = "Question: What should a patient with pancreatitis beware of?\nAnswer:";
        var all = Tokens.Encode(text, parseSpecialTokens: false);

        var kept = With(maxLength: 12, addBos: true).Prompt(text, room: 4);

        Assert.True(all.Length > 8);
        Assert.Equal([Config.BosTokenId, .. all[^7..]], kept);
    }

    [Fact]
    public void Prompt_Short_IsKeptWhole()
    {
        var all = Tokens.Encode("Question:", parseSpecialTokens: false);

        Assert.Equal(all, With(64, addBos: false).Prompt("Question:", 8));
        Assert.Equal([Config.BosTokenId, .. all], With(64, addBos: true).Prompt("Question:", 8));
    }

    [Fact]
    public void Prompt_NoRoomAtAll_KeepsOneToken() => Assert.Single(With(8, addBos: false).Prompt("Question: what?", room: 100));

    [Fact]
    public void Prompt_SpecialTokenWrittenInIt_IsPlainText() =>
        Assert.DoesNotContain(Config.EosTokenId, With(64, addBos: false).Prompt("a</s>b", 0));

    [Fact]
    public void Answer_Text_EndsInEos() => Assert.Equal(Config.EosTokenId, With(64, addBos: true).Answer(" Yes.")[^1]);

    [Fact]
    public void Pair_PromptAndAnswer_FitTogether()
    {
        var pair = With(20, addBos: true).Pair(string.Concat(Enumerable.Repeat("What is it? ", 20)), " Complications: shock.");

        Assert.NotNull(pair);
        Assert.Equal(20, pair.Value.Prompt.Length + pair.Value.Response.Length);
    }

    [Fact]
    public void Pairs_AnswerTooLong_LeavesTheRecordOut()
    {
        var pairs = With(10, addBos: false).Pairs(
        [
            new ClinicalRecord { Id = "a:1", Prompt = "Q", Completion = string.Concat(Enumerable.Repeat(" shock and dehydration", 20)) },
            new ClinicalRecord { Id = "a:2", Prompt = "Q", Completion = "Yes" },
        ]);

        Assert.Single(pairs);
    }

    [Fact]
    public void Comparisons_AnswerOnly_HaveBosForAPrompt()
    {
        ClinicalRecord[] records = [new() { Id = "a:1", Prompt = "Question: what?", Chosen = "Yes", Rejected = "No" }];

        var blind = Assert.Single(With(64, addBos: false).Comparisons(records, answerOnly: true));
        var seeing = Assert.Single(With(64, addBos: false).Comparisons(records, answerOnly: false));

        Assert.Equal([Config.BosTokenId], blind.Chosen.Prompt);
        Assert.Equal(blind.Chosen.Prompt, blind.Rejected.Prompt);
        Assert.Equal(seeing.Chosen.Response, blind.Chosen.Response);
        Assert.True(seeing.Chosen.Prompt.Length > 1);
    }

    private static RecordTokenizer With(int maxLength, bool addBos) => new(
        Tokens, Config, new Recipe
        {
            Model = new ModelOptions { Path = Tiny.ModelFolder, AddBos = addBos },
            Data = new DataOptions { MaxLength = maxLength },
        });
}
