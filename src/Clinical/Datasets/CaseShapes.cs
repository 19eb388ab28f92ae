using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Data;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Shapes of documents, exam questions and medical records.</summary>
internal static class CaseShapes
{
    public static readonly IReadOnlyList<RecordShape> Pretrain =
        [new(["text"], row => [new ClinicalRecord { Id = "", Prompt = row.Text("text") }])];

    public static readonly IReadOnlyList<RecordShape> Exam =
    [
        new(["question", "options", "answer_idx"], ExamQuestion),
        new(["question", "options", "answer"], ExamQuestion),
    ];

    public static readonly IReadOnlyList<RecordShape> Diagnosis =
    [
        new(["record", "diagnosis"], row =>
        [
            new ClinicalRecord
            {
                Id = "",
                Prompt = row.Has("prompt") ? row.Text("prompt") : DiagnosisPrompt.Render(Notes(row.Fields["record"]), row.Options),
                Completion = row.Text("diagnosis"),
            },
        ]),
    ];

    private static IEnumerable<ClinicalRecord> ExamQuestion(RecordRow row)
    {
        var (letters, options) = Options(row);
        var index = RightOption(row, letters, options);
        return
        [
            new ClinicalRecord
            {
                Id = "",
                Prompt = AnswerShapes.PromptOf(row),
                Completion = options[index],
                Options = options,
                AnswerIndex = index,
                Group = row.Optional("meta_info"),
            },
        ];
    }

    private static (List<string> Letters, List<string> Options) Options(RecordRow row)
    {
        var (letters, options) = row.Fields["options"] switch
        {
            JsonObject named => (named.Select(o => o.Key).ToList(),
                named.Select((o, i) => RecordRow.TextOf(o.Value, $"option {i + 1}")).ToList()),
            JsonArray => ([], row.Texts("options", 2)),
            _ => throw new InvalidRecordException("\"options\" must be an object of letters or a list"),
        };
        return options.Count >= 2
            ? (letters.Count > 0 ? letters : [.. options.Select((_, i) => ((char)('A' + i)).ToString())], options)
            : throw new InvalidRecordException("\"options\" needs at least two");
    }

    private static int RightOption(RecordRow row, List<string> letters, List<string> options)
    {
        var answer = row.Optional("answer");
        if (row.Optional("answer_idx") is { } letter)
        {
            var at = letters.IndexOf(letter);
            return at < 0
                ? throw new InvalidRecordException("\"answer_idx\" is not one of the options' letters")
                : answer is null || answer == options[at] || answer == letter
                    ? at
                    : throw new InvalidRecordException("\"answer\" is not the option that \"answer_idx\" names");
        }

        var index = options.IndexOf(answer ?? "") is var byText && byText >= 0 ? byText : letters.IndexOf(answer ?? "");
        return index >= 0 ? index : throw new InvalidRecordException("\"answer\" is neither an option's text nor its letter");
    }

    /// <summary>A record's notes, concatenated: one text, a list of texts, or texts under headings.</summary>
    private static string Notes(JsonNode? node) => node switch
    {
        null => throw new InvalidRecordException("\"record\" is missing"),
        JsonObject { Count: > 0 } notes => string.Join('\n', notes.Select((n, i) => $"{n.Key}：{RecordRow.TextOf(n.Value, $"note {i + 1}")}")),
        JsonArray { Count: > 0 } notes => string.Join('\n', notes.Select((n, i) => RecordRow.TextOf(n, $"note {i + 1}"))),
        _ => RecordRow.TextOf(node, "\"record\""),
    };
}
