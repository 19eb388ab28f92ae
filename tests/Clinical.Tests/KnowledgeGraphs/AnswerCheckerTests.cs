using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Tests.KnowledgeGraphs;

public sealed class AnswerCheckerTests
{
    private static readonly AnswerChecker Checker = new(new KnowledgeGraph(
    [
        Edge("influenza", "流感", "fever", "发热"),
        Edge("influenza", "流感", "cough", "咳嗽"),
        Edge("influenza", "流感", "chills", "寒战"),
        Edge("eczema", "湿疹", "rash", "皮疹"),
    ]));

    [Theory]
    [InlineData("zh", "发热、咳嗽、寒战。", Verdict.Right)]
    [InlineData("zh", "症状有寒战、发热、咳嗽。", Verdict.Right)]
    [InlineData("en", " fever, cough and chills.", Verdict.Right)]
    [InlineData("en", " Symptoms: chills, fever and cough.", Verdict.Right)]
    [InlineData("zh", "发热。", Verdict.Incomplete)]
    [InlineData("en", " fever and chills.", Verdict.Incomplete)]
    [InlineData("zh", "发热、发热、咳嗽、寒战。", Verdict.Sloppy)]
    [InlineData("en", " fever, rash and rash.", Verdict.Sloppy)]
    [InlineData("zh", "发热、皮疹。", Verdict.Wrong)]
    [InlineData("en", " fever, cough, chills and rash.", Verdict.Wrong)]
    [InlineData("zh", "", Verdict.Malformed)]
    [InlineData("zh", "。", Verdict.Malformed)]
    [InlineData("zh", "症状有。", Verdict.Malformed)]
    [InlineData("zh", "发热、咳嗽、寒战", Verdict.Malformed)]
    [InlineData("zh", "发热、牙痛。", Verdict.Malformed)]
    [InlineData("zh", "检查有发热。", Verdict.Malformed)]
    [InlineData("zh", "fever、cough、chills。", Verdict.Malformed)]
    [InlineData("en", "fever, cough and chills.", Verdict.Malformed)]
    [InlineData("en", " fever and cough and chills.", Verdict.Malformed)]
    [InlineData("en", " fever, cough, chills.", Verdict.Malformed)]
    [InlineData("en", " Tests: fever, cough and chills.", Verdict.Malformed)]
    public void Check_Answer_GivesVerdict(string language, string text, Verdict expected)
    {
        Assert.Equal(expected, Checker.Check(language, "influenza", "symptom", text));
        Assert.Equal(expected, Checker.Check(language, "流感", "symptom", text));
    }

    [Fact]
    public void Check_UnknownQuestion_Throws()
    {
        Assert.Throws<ArgumentException>(() => Checker.Check("zh", "gout", "symptom", "发热。"));
        Assert.Throws<ArgumentException>(() => Checker.Check("zh", "流感", "drug", "发热。"));
    }

    private static GraphTriple Edge(string subject, string chinese, string target, string targetChinese) =>
        new(new BilingualName(subject, chinese), "symptom", new BilingualName(target, targetChinese));
}
