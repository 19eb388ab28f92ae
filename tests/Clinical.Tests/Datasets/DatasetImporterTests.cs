using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Clinical.Tests.Datasets;

public sealed class DatasetImporterTests : IDisposable
{
    private readonly ImportFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"咳嗽怎么办？"},{"role":"assistant","content":"多喝水。"}]}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"咳嗽怎么办？"},{"from":"gpt","value":"多喝水。"}]}""")]
    [InlineData("""{"prompt":"问：咳嗽怎么办？\n答：","completion":"多喝水。"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"咳嗽怎么办？"}],"completion":[{"role":"assistant","content":"多喝水。"}]}""")]
    [InlineData("""{"instruction":"咳嗽怎么办？","input":"","output":"多喝水。"}""")]
    [InlineData("""{"id":"","instruction":["咳嗽怎么办？"],"input":"","output":["多喝水。"]}""")]
    [InlineData("""{"question":"咳嗽怎么办？","answer":"多喝水。"}""")]
    [InlineData("""{"question":"咳嗽怎么办？","answers":["多喝水。","不知道。"]}""")]
    public void Import_SftShapes_GiveTheSameRecord(string row)
    {
        var record = Assert.Single(_folder.Import(ImportKind.Sft, row).Records);

        Assert.Equal("问：咳嗽怎么办？\n答：", record.Prompt);
        Assert.Equal("多喝水。", record.Completion);
        Assert.Equal("data.jsonl:1", record.Id);
    }

    [Theory]
    [InlineData("""{"prompt":"问：咳嗽？\n答：","chosen":"好","rejected":"坏"}""")]
    [InlineData("""{"prompt":[{"role":"user","content":"咳嗽？"}],"chosen":[{"role":"assistant","content":"好"}],"rejected":[{"role":"assistant","content":"坏"}]}""")]
    [InlineData("""{"chosen":[{"role":"user","content":"咳嗽？"},{"role":"assistant","content":"好"}],"rejected":[{"role":"user","content":"咳嗽？"},{"role":"assistant","content":"坏"}]}""")]
    [InlineData("""{"question":"咳嗽？","response_chosen":"好","response_rejected":"坏"}""")]
    [InlineData("""{"system":"","history":[],"question":"咳嗽？","response_chosen":"好","response_rejected":"坏"}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"咳嗽？"}],"chosen":"好","rejected":"坏"}""")]
    [InlineData("""{"conversations":[{"from":"human","value":"咳嗽？"}],"chosen":{"from":"gpt","value":"好"},"rejected":{"from":"gpt","value":"坏"}}""")]
    [InlineData("""{"question":"咳嗽？","answers":["好","坏"]}""")]
    public void Import_RewardShapes_GiveTheSameComparison(string row)
    {
        var record = Assert.Single(_folder.Import(ImportKind.Reward, row).Records);

        Assert.Equal(("问：咳嗽？\n答：", "好", "坏"), (record.Prompt, record.Chosen, record.Rejected));
    }

    [Fact]
    public void Import_RankedAnswers_GivesEveryAdjacentPair()
    {
        var records = _folder.Import(ImportKind.Reward, """{"question":"q","answers":["a","b","c","d"]}""").Records;

        Assert.Equal([("a", "b"), ("b", "c"), ("c", "d")], records.Select(r => (r.Chosen!, r.Rejected!)));
        Assert.Equal(["data.jsonl:1#1", "data.jsonl:1#2", "data.jsonl:1#3"], records.Select(r => r.Id));
    }

    private const string TwoTurns =
        """{"messages":[{"role":"system","content":"S"},{"role":"user","content":"u1"},{"role":"assistant","content":"a1"},{"role":"user","content":"u2"},{"role":"assistant","content":"a2"}]}""";

    [Fact]
    public void Import_ConversationForSft_GivesARecordForEachAnswer()
    {
        var records = _folder.Import(ImportKind.Sft, TwoTurns).Records;

        Assert.Equal([("S\n问：u1\n答：", "a1"), ("S\n问：u1\n答：a1\n问：u2\n答：", "a2")], records.Select(r => (r.Prompt, r.Completion!)));
    }

    [Fact]
    public void Import_ConversationForPrompts_GivesTheLastTurn()
    {
        Assert.EndsWith("问：u2\n答：", Assert.Single(_folder.Import(ImportKind.Prompts, TwoTurns).Records).Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_DialoguesForEvaluation_AreCutAtDrawnTurnsTheSameWayEachTime()
    {
        var lines = string.Join('\n', Enumerable.Range(0, 60).Select(i => TwoTurns.Replace("u1", $"u{i}", StringComparison.Ordinal)));
        var first = _folder.Import(ImportKind.Dialogue, lines).Records;
        var second = _folder.Import(ImportKind.Dialogue, lines).Records;

        Assert.Equal(60, first.Count);
        Assert.Equal(first, second);
        Assert.InRange(first.Count(r => r.Completion == "a1"), 15, 45);
    }

    [Fact]
    public void Import_History_ComesBeforeTheQuestion()
    {
        var record = Assert.Single(_folder.Import(
            ImportKind.Sft, """{"instruction":"u2","input":"more","output":"a2","history":[["u1","a1"]]}""").Records);

        Assert.Equal("问：u1\n答：a1\n问：u2\nmore\n答：", record.Prompt);
    }

    [Fact]
    public void Import_OwnTemplates_AreUsed()
    {
        var file = _folder.Write("t.jsonl", """{"question":"q","answer":"a"}""");
        var options = new DataOptions { UserTemplate = "<user>{content}</user>", AssistantTemplate = "<bot>" };

        Assert.Equal("<user>q</user><bot>", DatasetImporter.Import([file], ImportKind.Sft, options).Records[0].Prompt);
    }

    [Fact]
    public void Import_OptionalFields_AreKept()
    {
        var record = Assert.Single(_folder.Import(
            ImportKind.Sft, """{"id":17,"prompt":"p","completion":"c","kind":"k","language":"zh","subject":"s","relation":"r","group":"g"}""").Records);

        Assert.Equal(("17", "k", "zh", "s", "r", "g"), (record.Id, record.Kind, record.Language, record.Subject, record.Relation, record.Group));
    }

    [Fact]
    public void Import_MedQaQuestion_KeepsOptionsAnswerAndSection()
    {
        const string Row = """{"question":"哪项不正确（　　）。","options":{"A":"甲","B":"乙","C":"丙"},"answer":"乙","meta_info":"第一部分　历年真题","answer_idx":"B"}""";
        var record = Assert.Single(_folder.Import(ImportKind.Exam, Row).Records);

        Assert.Equal(["甲", "乙", "丙"], record.Options!);
        Assert.Equal((1, "乙", "第一部分　历年真题"), (record.AnswerIndex!.Value, record.Completion, record.Group));
    }

    [Theory]
    [InlineData("""{"question":"q","options":{"A":"x","B":"y"},"answer":"x","answer_idx":"B"}""", "not the option")]
    [InlineData("""{"question":"q","options":{"A":"x","B":"y"},"answer_idx":"C"}""", "not one of the options' letters")]
    [InlineData("""{"question":"q","options":{"A":"x"},"answer":"x"}""", "at least two")]
    [InlineData("""{"question":"q","options":["x","y"],"answer":"z"}""", "neither")]
    public void Import_ContradictoryExam_IsRefused(string row, string says)
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Exam, row));

        Assert.Equal(ErrorCodes.DataRecordInvalid, problem.Code);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_DiagnosisNotes_AreConcatenated()
    {
        var record = Assert.Single(_folder.Import(
            ImportKind.Diagnosis, """{"record":{"主诉":"腹痛","查体":"压痛"},"diagnosis":"阑尾炎","group":"digestive"}""").Records);

        Assert.Equal(("问：主诉：腹痛\n查体：压痛\n答：", "阑尾炎", "digestive"), (record.Prompt, record.Completion, record.Group));
    }

    [Fact]
    public void Import_PretrainText_KeepsRepeatedDocuments()
    {
        var result = _folder.Import(ImportKind.Pretrain, "{\"text\":\"a</s>b\"}\n{\"text\":\"a</s>b\"}\n");

        Assert.Equal(["a</s>b", "a</s>b"], result.Records.Select(r => r.Prompt));
    }

    [Fact]
    public void Import_DuplicatesAndEqualAnswers_AreSkippedAndCounted()
    {
        const string Good = """{"question":"q","response_chosen":"a","response_rejected":"b"}""";
        const string Same = """{"question":"q","response_chosen":"a","response_rejected":"a"}""";
        var result = _folder.Import(ImportKind.Reward, $"{Good}\n{Good}\n{Same}\n{Good}\n");

        Assert.Single(result.Records);
        Assert.Equal(3, result.Skipped);
        Assert.Equal(2, result.SkipReasons[SkipReason.Duplicate]);
        Assert.Equal(1, result.SkipReasons[SkipReason.SameAnswers]);
    }

    [Fact]
    public void Import_OnlyEqualAnswers_SaysThatNothingRemains()
    {
        var problem = Assert.Single(_folder.Refuse(ImportKind.Reward, """{"prompt":"q","chosen":"a","rejected":"a"}"""));

        Assert.Equal(ErrorCodes.DataTooSmall, problem.Code);
    }

    [Fact]
    public void Import_SameIdTwice_FallsBackToThePlace()
    {
        var records = _folder.Import(ImportKind.Sft, "{\"id\":\"x\",\"prompt\":\"p\",\"completion\":\"1\"}\n{\"id\":\"x\",\"prompt\":\"p\",\"completion\":\"2\"}\n").Records;

        Assert.Equal(["x", "data.jsonl:2"], records.Select(r => r.Id));
    }

    [Fact]
    public void WriteRead_Records_RoundTripInTheSameBytes()
    {
        var records = _folder.Import(ImportKind.Sft, TwoTurns).Records;
        var blob = DatasetJson.Write(records);

        Assert.Equal(records, DatasetJson.Read(blob));
        Assert.Equal(blob, DatasetJson.Write(DatasetJson.Read(blob)));
    }

    [Fact]
    public void Read_DamagedBlob_SaysSo()
    {
        Assert.Equal(ErrorCodes.BlobDamaged, Assert.Throws<ProblemException>(() => DatasetJson.Read("{\"id\":"u8.ToArray())).Problems[0].Code);
    }
}
