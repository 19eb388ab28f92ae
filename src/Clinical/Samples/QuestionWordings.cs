using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>The wordings of a question: a phrase in a frame. Of 36 combinations 27 are for training, 9 are held out everywhere;
/// two further phrases, in the plain frame, are wholly new.</summary>
internal static class QuestionWordings
{
    private const int Frames = 6;
    private const int TrainingPhrases = 6;

    private static readonly string[] ChineseFrames = ["{q}", "请问{q}", "医生，{q}", "您好，{q}", "{q}谢谢。", "麻烦问一下，{q}"];
    private static readonly string[] EnglishFrames = ["{q}", "Please: {q}", "Doctor, {q}", "Hello. {q}", "{q} Thank you.", "A question: {q}"];

    /// <summary>Wordings that training data use.</summary>
    public static IReadOnlyList<int> Training { get; } = Combinations(held: false);

    /// <summary>Phrase and frame are known, their combination is used nowhere in training data.</summary>
    public static IReadOnlyList<int> HeldOut { get; } = Combinations(held: true);

    /// <summary>Phrases used nowhere in training data.</summary>
    public static IReadOnlyList<int> New { get; } = [TrainingPhrases * Frames, (TrainingPhrases + 1) * Frames];

    /// <summary>The question alone.</summary>
    public static string Question(string language, string relation, string subject, int wording)
    {
        var chinese = language == Languages.Chinese;
        var phrase = (chinese ? QuestionPhrases.Chinese : QuestionPhrases.English)[relation][wording / Frames];
        var frame = (chinese ? ChineseFrames : EnglishFrames)[wording % Frames];
        return frame.Replace("{q}", phrase.Replace("{d}", subject, StringComparison.Ordinal), StringComparison.Ordinal);
    }

    /// <summary>The question in the layout the model is asked in.</summary>
    public static string Prompt(string language, string question) =>
        language == Languages.Chinese ? $"问：{question}\n答：" : $"Question: {question}\nAnswer:";

    private static List<int> Combinations(bool held) =>
        [.. Enumerable.Range(0, TrainingPhrases * Frames).Where(w => (((w / Frames) + (w % Frames)) % 4 == 3) == held)];
}
