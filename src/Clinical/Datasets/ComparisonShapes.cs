using ClinicalGpt.Orleans.Abstractions.Data;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Shapes of compared or ranked answers.</summary>
internal static class ComparisonShapes
{
    /// <summary>Two answers, one preferred.</summary>
    public static readonly IReadOnlyList<RecordShape> Pairs =
    [
        new(["conversations", "chosen", "rejected"], row => FromTurns(row, "conversations")),
        new(["messages", "chosen", "rejected"], row => FromTurns(row, "messages")),
        new(["prompt", "chosen", "rejected"], row => [Compare(row, AnswerShapes.PromptOf(row), "chosen", "rejected")]),
        new(["question", "response_chosen", "response_rejected"],
            row => [Compare(row, AnswerShapes.PromptOf(row), "response_chosen", "response_rejected")]),
        new(["question", "chosen", "rejected"], row => [Compare(row, AnswerShapes.PromptOf(row), "chosen", "rejected")]),
        new(["instruction", "chosen", "rejected"], row => [Compare(row, AnswerShapes.PromptOf(row), "chosen", "rejected")]),
        new(["chosen", "rejected"], WithPromptInside),
    ];

    /// <summary>Pairs, and answers from best to worst.</summary>
    public static readonly IReadOnlyList<RecordShape> All =
    [
        .. Pairs,
        new(["question", "answers"], Ranked),
        new(["prompt", "answers"], Ranked),
    ];

    private static IEnumerable<ClinicalRecord> FromTurns(RecordRow row, string key) =>
        [Compare(row, AnswerShapes.PromptAfter(Conversation.Read(row.Fields[key], key), row), "chosen", "rejected")];

    /// <summary>Both answers are whole conversations that differ in their last turn.</summary>
    private static IEnumerable<ClinicalRecord> WithPromptInside(RecordRow row)
    {
        var chosen = Conversation.Read(row.Fields["chosen"], "chosen");
        var rejected = Conversation.Read(row.Fields["rejected"], "rejected");
        if (chosen.Turns[^1].FromUser || rejected.Turns[^1].FromUser)
        {
            throw new InvalidRecordException("\"chosen\" and \"rejected\" must end with the assistant's turn");
        }

        return chosen.System == rejected.System && chosen.Turns.SkipLast(1).SequenceEqual(rejected.Turns.SkipLast(1))
            ? [new ClinicalRecord
            {
                Id = "",
                Prompt = chosen.PromptFor(chosen.Turns.Count - 1, row.Options),
                Chosen = chosen.Turns[^1].Content,
                Rejected = rejected.Turns[^1].Content,
            }]
            : throw new InvalidRecordException("\"chosen\" and \"rejected\" must share every turn but the last");
    }

    /// <summary>Answers from best to worst: each is preferred to the next.</summary>
    private static IEnumerable<ClinicalRecord> Ranked(RecordRow row)
    {
        var prompt = AnswerShapes.PromptOf(row);
        var answers = row.Texts("answers", 2);
        return answers.Zip(answers.Skip(1), (better, worse) => new ClinicalRecord { Id = "", Prompt = prompt, Chosen = better, Rejected = worse });
    }

    private static ClinicalRecord Compare(RecordRow row, string prompt, string chosen, string rejected) => new()
    {
        Id = "",
        Prompt = prompt,
        Chosen = AnswerShapes.AnswerText(row.Fields[chosen], chosen),
        Rejected = AnswerShapes.AnswerText(row.Fields[rejected], rejected),
    };
}
