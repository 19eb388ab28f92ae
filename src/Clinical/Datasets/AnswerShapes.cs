using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Shapes of a prompt with one answer, and of prompts alone.</summary>
internal static class AnswerShapes
{
    public static readonly IReadOnlyList<RecordShape> All =
    [
        new(["messages"], row => Turns(row, "messages")),
        new(["conversations"], row => Turns(row, "conversations")),
        new(["prompt", "completion"], row => [Answer(PromptOf(row), AnswerText(row.Fields["completion"], "completion"))]),
        new(["instruction", "output"], row => [Answer(PromptOf(row), row.Text("output"))]),
        new(["question", "answers"], row => [Answer(PromptOf(row), row.Texts("answers", 1)[0])]),
        new(["prompt", "answers"], row => [Answer(PromptOf(row), row.Texts("answers", 1)[0])]),
        new(["question", "answer"], row => [Answer(PromptOf(row), row.Text("answer"))]),
    ];

    public static readonly IReadOnlyList<RecordShape> PromptsAlone =
    [
        new(["prompt"], row => [new ClinicalRecord { Id = "", Prompt = PromptOf(row) }]),
        new(["question"], row => [new ClinicalRecord { Id = "", Prompt = PromptOf(row) }]),
        new(["instruction"], row => [new ClinicalRecord { Id = "", Prompt = PromptOf(row) }]),
    ];

    /// <summary>The prompt of a record: <c>prompt</c> as it stands; a question or instruction in the recipe's template, after the
    /// turns of <c>history</c>.</summary>
    public static string PromptOf(RecordRow row)
    {
        if (row.Has("prompt"))
        {
            return row.Fields["prompt"] is JsonArray
                ? PromptAfter(Conversation.Read(row.Fields["prompt"], "prompt"), row)
                : row.Text("prompt");
        }

        var asked = row.Has("question") ? row.Text("question") : Instruction(row);
        return PromptAfter(new Conversation(row.Optional("system"), [.. History(row), new Turn(true, asked)]), row);
    }

    /// <summary>The prompt that follows a whole conversation, which must end with the user.</summary>
    public static string PromptAfter(Conversation conversation, RecordRow row) => conversation.Turns[^1].FromUser
        ? conversation.PromptFor(conversation.Turns.Count, row.Options)
        : throw new InvalidRecordException("the turns before the answer must end with the user's");

    /// <summary>An answer given as a text, as one message or as a list that ends with the assistant's message.</summary>
    public static string AnswerText(JsonNode? node, string key) => node switch
    {
        null => throw new InvalidRecordException($"\"{key}\" is missing"),
        JsonObject message => RecordRow.TextOf(message["content"] ?? message["value"], $"\"{key}\".content"),
        JsonArray { Count: > 0 } list when list[^1] is JsonObject message =>
            RecordRow.TextOf(message["content"] ?? message["value"], $"\"{key}\"[{list.Count - 1}].content"),
        _ => RecordRow.TextOf(node, $"\"{key}\""),
    };

    private static ClinicalRecord Answer(string prompt, string completion) => new() { Id = "", Prompt = prompt, Completion = completion };

    private static IEnumerable<ClinicalRecord> Turns(RecordRow row, string key)
    {
        var conversation = Conversation.Read(row.Fields[key], key);
        if (row.Kind == ImportKind.Prompts && conversation.Turns[^1].FromUser)
        {
            return [new ClinicalRecord { Id = "", Prompt = PromptAfter(conversation, row) }];
        }

        var all = conversation.Answers;
        IEnumerable<int> used = (row.Kind, all.Count) switch
        {
            (_, 0) => [],
            (ImportKind.Dialogue, _) => [all[(int)(Seeds.Uniform(Seeds.Derive(0, "dialogue/turn"), row.Number) * all.Count)]],
            (ImportKind.Prompts, _) => [all[^1]],
            _ => all,
        };
        return used.Select(i => Answer(conversation.PromptFor(i, row.Options), conversation.Turns[i].Content)).ToList();
    }

    private static string Instruction(RecordRow row) =>
        row.Optional("input") is { } input ? $"{row.Text("instruction")}\n{input}" : row.Text("instruction");

    /// <summary>Turns given as pairs of the user's and the assistant's text.</summary>
    private static IEnumerable<Turn> History(RecordRow row)
    {
        if (row.Fields["history"] is not JsonArray history)
        {
            yield break;
        }

        for (var i = 0; i < history.Count; i++)
        {
            if (history[i] is not JsonArray { Count: 2 } pair)
            {
                throw new InvalidRecordException($"\"history\"[{i}] must be a pair of the user's and the assistant's text");
            }

            yield return new Turn(true, RecordRow.TextOf(pair[0], $"\"history\"[{i}][0]"));
            yield return new Turn(false, RecordRow.TextOf(pair[1], $"\"history\"[{i}][1]"));
        }
    }
}
