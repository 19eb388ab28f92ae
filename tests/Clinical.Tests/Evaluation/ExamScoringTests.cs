using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Clinical.Tests.Evaluation;

public sealed class ExamScoringTests
{
    private static readonly string[] Chinese = ["血小板减少", "白细胞减少", "贫血", "溶血性贫血", "类白血病样改变"];
    private static readonly string[] English = ["fever and cough", "fever, cough and chills", "rash", "joint pain"];

    [Theory]
    [InlineData("E", 4)]
    [InlineData("Ｂ．", 1)]
    [InlineData("（C）", 2)]
    [InlineData("D、溶血性贫血", 3)]
    [InlineData("答案：A", 0)]
    [InlineData("正确答案应该是选项B。", 1)]
    [InlineData("选项A符合，选项B也符合，故选E。", 4)]
    [InlineData("与SLE无关，因此选项E不符合SLE的血液系统改变。", 4)]
    [InlineData("血小板减少。", 0)]
    [InlineData("是溶血性贫血", 3)]
    [InlineData("血小板减少和白细胞减少都可能", null)]
    [InlineData("选项A和选项B", null)]
    [InlineData("不清楚", null)]
    [InlineData("", null)]
    [InlineData("答案是F", null)]
    public void Extract_ChineseAnswer_FindsTheOption(string answer, int? expected) => Assert.Equal(expected, ExamScoring.Extract(answer, Chinese));

    [Theory]
    [InlineData("The answer is C.", 2)]
    [InlineData("Answer: (B)", 1)]
    [InlineData("option D", 3)]
    [InlineData(" fever and cough.", 0)]
    [InlineData(" Symptoms: fever, cough and chills.", 1)]
    [InlineData("A patient may have a rash.", 2)]
    [InlineData("rashes", null)]
    [InlineData("chills, fever and cough", null)]
    public void Extract_EnglishAnswer_FindsTheOption(string answer, int? expected) => Assert.Equal(expected, ExamScoring.Extract(answer, English));

    [Fact]
    public void Score_RightWrongAndNone_AreToldApart()
    {
        Assert.Equal(AnswerOutcome.Right, ExamScoring.Score("B", Chinese, 1));
        Assert.Equal(AnswerOutcome.Wrong, ExamScoring.Score("C", Chinese, 1));
        Assert.Equal(AnswerOutcome.NoAnswer, ExamScoring.Score("？", Chinese, 1));
    }
}
