using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.Tests.Tokenizers;

public sealed class BpeTrainerTests
{
    private static readonly string[] Texts =
    [
        "患者咳嗽三天，伴有发热。诊断：肺炎。", "患者发热两天，咳嗽、咳痰。诊断：支气管炎。", "发热、咳嗽、头痛；头痛、发热。",
        "The patient has a cough and a fever.", "The patient has had a headache for two days.",
        "cough, fever; fever, cough", "体温 38.5℃, 血压 120/80 mmHg\n用药：阿莫西林 500mg",
    ];

    [Fact]
    public void Train_SameTextsInOtherOrder_SameBytes() => Assert.Equal(
        Train(Texts, 400), Train(Texts.AsEnumerable().Reverse(), 400));

    [Fact]
    public void Train_Texts_SpecialsThenBytesThenMerges()
    {
        var tokenizer = Tokenizer.FromJson(Train(Texts, 320, minPairCount: 1), "test");

        Assert.Equal(320, tokenizer.VocabularySize);
        Assert.Equal(["<unk>", "<s>", "</s>", "<pad>", "!"], Enumerable.Range(0, 5).Select(tokenizer.TokenOf));
        Assert.Equal(256, Enumerable.Range(4, 256).Count(id => tokenizer.TokenOf(id)!.Length == 1));
        Assert.All(Enumerable.Range(260, 60), id => Assert.True(tokenizer.TokenOf(id)!.Length > 1));
    }

    [Fact]
    public void Train_HandCounted_MergesMostFrequentThenOrdinal()
    {
        // Words: "ab" x3, "cd" x3, "cde" x2 -> (c,d) 5; then (a,b) 3; then (cd,e) 2; "xy" occurs once and is left.
        var tokenizer = Tokenizer.FromJson(Train(["ab\ncd\ncde", "ab\ncd\ncde", "ab\ncd\nxy"], 300), "test");

        Assert.Equal(263, tokenizer.VocabularySize);
        Assert.Equal(["cd", "ab", "cde"], Enumerable.Range(260, 3).Select(tokenizer.TokenOf));
    }

    [Fact]
    public void Train_TieInCounts_OrdinallyFirstPairFirst()
    {
        var tokenizer = Tokenizer.FromJson(Train(["zy ba ca", "ca\nba\nzy"], 264, minPairCount: 1), "test");

        // Words: zy x2, " ba", " ca", ca, ba -> (b,a) 2, (c,a) 2, (z,y) 2; the pairs with a space occur once.
        Assert.Equal(["ba", "ca", "zy"], Enumerable.Range(260, 3).Select(tokenizer.TokenOf));
    }

    [Fact]
    public void Train_RepeatedSymbols_EncodesByItsOwnMerges()
    {
        var tokenizer = Tokenizer.FromJson(Train(["aaaaaaa aaaa", "aaaaaaa"], 262), "test");

        Assert.Equal("aa", tokenizer.TokenOf(260));
        Assert.Equal("aaaaaaa", tokenizer.Decode(tokenizer.Encode("aaaaaaa")));
        Assert.Equal(260, tokenizer.Encode("aaa")[0]);
    }

    [Theory]
    [InlineData("患者咳嗽三天，伴有发热。")]
    [InlineData("The patient has a fever; 体温 38.5℃.")]
    [InlineData("  two  spaces\n\n\ttabs \r\n")]
    [InlineData("unseen: 龘 😀 𠮷 é e\u0301 العربية")]
    [InlineData("")]
    public void EncodeDecode_AnyText_RoundTrips(string text)
    {
        var tokenizer = Tokenizer.FromJson(Train(Texts, 400), "test");

        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Encode_ListOfNames_SeparatorsNeverMergeWithNames()
    {
        var tokenizer = Tokenizer.FromJson(Train(Enumerable.Repeat("发热、咳嗽、头痛", 50), 400), "test");

        Assert.Equal(
            ["发热", "、", "咳嗽", "、", "头痛"],
            tokenizer.Encode("发热、咳嗽、头痛").Select(id => tokenizer.Decode([id])));
    }

    [Fact]
    public void Encode_SpecialTokens_AreSingleIdsUnlessReadAsText()
    {
        var tokenizer = Tokenizer.FromJson(Train(Texts, 400), "test");

        Assert.Equal([1, 2, 3], tokenizer.Encode("<s></s><pad>"));
        Assert.Equal("a", tokenizer.Decode(tokenizer.Encode("<s>a</s>")));
        Assert.Equal("<s>", tokenizer.Decode(tokenizer.Encode("<s>", parseSpecialTokens: false)));
    }

    [Fact]
    public void Train_VocabularyBelowBytes_RecipeValueRange() =>
        Problems.ExpectOne(ErrorCodes.RecipeValueRange, () => Train(Texts, 259));

    [Fact]
    public void Train_LoneSurrogate_DoesNotFail()
    {
        var json = Train(["a\uD800b", "a\uD800b"], 300);

        Assert.StartsWith("{", Encoding.UTF8.GetString(json), StringComparison.Ordinal);
    }

    private static byte[] Train(IEnumerable<string> texts, int size, int minPairCount = 2) =>
        BpeTrainer.Train(texts, new BpeTrainerOptions { VocabularySize = size, MinPairCount = minPairCount });
}
