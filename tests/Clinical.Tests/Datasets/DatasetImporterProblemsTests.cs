using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Clinical.Tests.Datasets;

public sealed class DatasetImporterProblemsTests : IDisposable
{
    private const string Good = """{"question":"q","answer":"a"}""";

    private readonly ImportFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("lines.json", "{\"question\":\"1\",\"answer\":\"a\"}\n{\"question\":\"2\",\"answer\":\"a\"}")]
    [InlineData("array.jsonl", "[{\"question\":\"1\",\"answer\":\"a\"},\n {\"question\":\"2\",\"answer\":\"a\"}]")]
    [InlineData("windows.jsonl", "\uFEFF{\"question\":\"1\",\"answer\":\"a\"}\r\n\r\n{\"question\":\"2\",\"answer\":\"a\"}\r\n")]
    [InlineData("marked.json", "\uFEFF  [{\"question\":\"1\",\"answer\":\"a\"},{\"question\":\"2\",\"answer\":\"a\"}]\n")]
    public void Import_WhateverTheSuffix_ReadsTheContent(string name, string content)
    {
        var records = _folder.Import(ImportKind.Sft, content, name).Records;

        Assert.Equal(["问：1\n答：", "问：2\n答："], records.Select(r => r.Prompt));
        Assert.Equal([$"{name}:1", $"{name}:2"], records.Select(r => r.Id));
    }

    [Fact]
    public void Import_OneObjectOverSeveralLines_IsOneRecord()
    {
        Assert.Single(_folder.Import(ImportKind.Sft, "{\n \"question\": \"q\",\n \"answer\": \"a\"\n}\n", "pretty.json").Records);
    }

    [Fact]
    public void Import_SeveralBadFiles_ReportsAllAtOnce()
    {
        var broken = _folder.Write("broken.jsonl", $"{Good}\n{{\"question\": \"q\"\n{Good}\n");
        var empty = _folder.Write("empty.jsonl", " \n\n");
        var emptyArray = _folder.Write("array.json", "[]");
        var problems = Assert.Throws<ProblemException>(() => DatasetImporter.Import(
            ["no-such-file.jsonl", empty, broken, emptyArray], ImportKind.Sft, new DataOptions())).Problems;

        Assert.Equal(
            [
                (ErrorCodes.DataFileMissing, "no-such-file.jsonl", null),
                (ErrorCodes.DataFileEmpty, empty, null),
                (ErrorCodes.DataRecordInvalid, broken, 2),
                (ErrorCodes.DataFileEmpty, emptyArray, (int?)null),
            ],
            problems.Select(p => (p.Code, p.File!, p.Line)));
    }

    [Theory]
    [InlineData("""{"question":"","answer":"a"}""", "\"question\" is empty")]
    [InlineData("""{"question":"q","answer":"  "}""", "\"answer\" is empty")]
    [InlineData("""{"question":"q","answer":null}""", "\"answer\" is missing")]
    [InlineData("""{"question":"q","answer":7}""", "\"answer\" must be a text")]
    [InlineData("""{"question":"q"}""", "\"answer\" is missing")]
    [InlineData("""["question","q"]""", "must be a JSON object")]
    [InlineData("""{"question":"q","answer":"\ud83d"}""", "\\u escape")]
    [InlineData("""{"question":"q","answer":"a","answer":"b"}""", "not valid JSON")]
    [InlineData("""{"messages":[]}""", "no turn")]
    [InlineData("""{"messages":[{"role":"assistant","content":"a"}]}""", "begin with the user")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}""", "alternate")]
    [InlineData("""{"messages":[{"role":"narrator","content":"a"}]}""", "unknown role")]
    [InlineData("""{"messages":[{"role":"user","content":""}]}""", "is empty")]
    [InlineData("""{"messages":"hello"}""", "list of turns")]
    public void Import_BadSecondRecord_NamesItsLine(string row, string says)
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Sft, $"{Good}\n{row}\n"));

        Assert.Equal((ErrorCodes.DataRecordInvalid, 2), (problem.Code, problem.Line!.Value));
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_ArrayElement_IsNamedByItsLine()
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Sft, $"[\n{Good},\n{Good.Replace("\"q\"", "\"r\"", StringComparison.Ordinal)},\n\n {{\"question\":\"q\",\"answer\":\"\"}}\n]"));

        Assert.Equal(5, problem.Line);
    }

    [Fact]
    public void Import_TruncatedArray_SaysWhere()
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Sft, $"[\n{Good},\n{{\"question\":\"q\",\n"));

        Assert.Equal(ErrorCodes.DataRecordInvalid, problem.Code);
        Assert.InRange(problem.Line!.Value, 3, 4);
    }

    [Fact]
    public void Import_UnknownShape_NamesKeysFoundAndShapesKnownOnce()
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Reward, "{\"ask\":\"x\",\"reply\":\"y\"}\n{\"ask\":\"z\",\"reply\":\"w\"}\n"));

        Assert.Equal(ErrorCodes.DataShapeUnknown, problem.Code);
        Assert.Contains("keys found: ask, reply", problem.Message, StringComparison.Ordinal);
        Assert.Contains("question/response_chosen/response_rejected", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_ManyProblems_ShowsTwentyAndCountsTheRest()
    {
        var problems = _folder.Refuse(ImportKind.Sft, string.Concat(Enumerable.Repeat("{\"question\":\"q\",\"answer\":\"\"}\n", 33)));

        Assert.Equal(21, problems.Length);
        Assert.Contains("13 more problems", problems[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_OtherEncoding_SaysSoWithTheLine()
    {
        byte[] gbk = [.. Encoding.ASCII.GetBytes(Good + "\n{\"question\":\""), 0xB8, 0xC3, .. "\",\"answer\":\"a\"}"u8];
        var file = _folder.Write("gbk.jsonl", gbk);

        var problem = Assert.Single(Assert.Throws<ProblemException>(() => DatasetImporter.Import([file], ImportKind.Sft, new DataOptions())).Problems);

        Assert.Contains("not UTF-8", problem.Message, StringComparison.Ordinal);
        Assert.Equal(2, problem.Line);
    }

    [Fact]
    public void Import_BadRecords_NeverQuotesTheirText()
    {
        const string Secret = "患者张某";
        var problems = _folder.Refuse(ImportKind.Sft, string.Join('\n',
            $$"""{"question":"{{Secret}}","answer":""}""",
            $$"""{"question":"{{Secret}}" {{Secret}} }""",
            $$"""{"messages":[{"role":"{{Secret}}","content":"{{Secret}}"}]}""",
            $$"""{"other":"{{Secret}}"}"""));

        Assert.Equal(4, problems.Length);
        Assert.All(problems, p => Assert.DoesNotContain("张", p.ToString(), StringComparison.Ordinal));
    }
}
