using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;
using ClinicalGpt.Orleans.Clinical.Tests.Samples;

namespace ClinicalGpt.Orleans.Clinical.Tests.Datasets;

public sealed class QuickstartImportTests
{
    [Theory]
    [InlineData("sft.jsonl", ImportKind.Sft, 2880, 150)]
    [InlineData("sft-heldout.jsonl", ImportKind.Sft, 360, 10)]
    [InlineData("reward.jsonl", ImportKind.Reward, 4320, 150)]
    [InlineData("reward-heldout.jsonl", ImportKind.Reward, 720, 10)]
    [InlineData("ranked.jsonl", ImportKind.Reward, 600, 5)]
    [InlineData("prompts.jsonl", ImportKind.Prompts, 2700, 0)]
    [InlineData("dev.jsonl", ImportKind.Prompts, 360, 0)]
    [InlineData("heldout-wordings.jsonl", ImportKind.Prompts, 360, 0)]
    [InlineData("heldout-pairs.jsonl", ImportKind.Prompts, 360, 0)]
    [InlineData("triples-qa.jsonl", ImportKind.Sft, 1268, 0)]
    [InlineData("exams.jsonl", ImportKind.Exam, 300, 0)]
    [InlineData("dialogues.jsonl", ImportKind.Dialogue, 200, 20)]
    [InlineData("records.jsonl", ImportKind.Diagnosis, 200, 10)]
    public void Import_SampleFile_KeepsAlmostEveryRow(string name, ImportKind kind, int rows, int mostSkipped)
    {
        var result = DatasetImporter.Import([Quickstart.PathOf(name)], kind, new DataOptions());

        Assert.Equal(rows, result.Records.Count + result.Skipped);
        Assert.InRange(result.Skipped, 0, mostSkipped);
    }

    [Fact]
    public void WithOptions_SampleExam_PutsThemBeforeTheAnswer()
    {
        var options = new DataOptions();
        var records = DatasetImporter.Import([Quickstart.PathOf("exams.jsonl")], ImportKind.Exam, options).Records;

        Assert.Matches("^问：[^\n]+\nA\\. [^\n]+\nB\\. [^\n]+\nC\\. [^\n]+\nD\\. [^\n]+\nE\\. [^\n]+\n答：$", ExamPrompt.WithOptions(records[0], options));
        Assert.Matches("^Question: [^\n]+\nA\\. [^\n]+\nB\\. [^\n]+\nC\\. [^\n]+\nD\\. [^\n]+\nE\\. [^\n]+\nAnswer:$", ExamPrompt.WithOptions(records[^1], options));
    }

    [Fact]
    public void Continuation_EnglishAndChinese_FollowTheirPrompts()
    {
        Assert.Equal(" fever", ExamPrompt.Continuation("Question: q\nAnswer:", "fever"));
        Assert.Equal("发热", ExamPrompt.Continuation("问：q\n答：", "发热"));
    }
}
