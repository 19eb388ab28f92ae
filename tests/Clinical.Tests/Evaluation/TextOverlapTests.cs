using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Clinical.Tests.Evaluation;

public sealed class TextOverlapTests
{
    [Fact]
    public void Measure_EqualTexts_AreOneEverywhere()
    {
        Assert.All(TextOverlap.Measure([("发热、咳嗽。", "发热、咳嗽。")]), f => Assert.Equal(1, f.Value, 12));
    }

    [Fact]
    public void Measure_EmptyAnswer_IsZeroEverywhere()
    {
        Assert.All(TextOverlap.Measure([("", "发热、咳嗽。")]), f => Assert.Equal(0, f.Value));
    }

    [Fact]
    public void Words_PunctuationAtTheEnds_IsApart()
    {
        Assert.Equal(["\"", "Chest", "x-ray", "\"", ",", "he", "said", "."], TextTokens.Words("\"Chest x-ray\", he said."));
    }

    [Fact]
    public void Characters_WhiteSpaceAndSurrogates_AreOneTokenOrNone()
    {
        Assert.Equal(["发", "😀", "A", "1"], TextTokens.Characters("发 😀\u3000A1"));
    }

    [Fact]
    public void NameFor_ReferenceDecides()
    {
        Assert.Equal("characters", TextTokens.NameFor("HbA1c 升高"));
        Assert.Equal("words", TextTokens.NameFor("raised HbA1c"));
    }
}
