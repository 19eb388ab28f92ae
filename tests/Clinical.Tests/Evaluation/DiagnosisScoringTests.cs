using ClinicalGpt.Orleans.Clinical.Evaluation;

namespace ClinicalGpt.Orleans.Clinical.Tests.Evaluation;

public sealed class DiagnosisScoringTests
{
    private static readonly string[] Labels = ["肺炎", "支气管肺炎", "流感", "阑尾炎", "pneumonia"];

    [Theory]
    [InlineData("您被诊断为阑尾炎。", "阑尾炎", AnswerOutcome.Right)]
    [InlineData("支气管肺炎", "肺炎", AnswerOutcome.Wrong)]
    [InlineData("支气管肺炎", "支气管肺炎", AnswerOutcome.Right)]
    [InlineData("流感或肺炎或阑尾炎", "阑尾炎", AnswerOutcome.Wrong)]
    [InlineData("不是流感，是肺炎", "肺炎", AnswerOutcome.Right)]
    [InlineData("可以排除肺炎", "肺炎", AnswerOutcome.NoAnswer)]
    [InlineData("This is Pneumonia.", "pneumonia", AnswerOutcome.Right)]
    [InlineData("请到医院就诊", "肺炎", AnswerOutcome.NoAnswer)]
    [InlineData("", "肺炎", AnswerOutcome.NoAnswer)]
    [InlineData("痛风", "痛风", AnswerOutcome.Right)]
    public void Score_Answer_IsWhatItNamesFirst(string answer, string diagnosis, AnswerOutcome expected) =>
        Assert.Equal(expected, DiagnosisScoring.Score(answer, diagnosis, Labels));
}
