using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Data;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>A known layout of a record.</summary>
/// <param name="Keys">Keys that make a record one of this shape.</param>
/// <param name="Read">Turns it into records; their ids are set by the importer.</param>
internal sealed record RecordShape(string[] Keys, Func<RecordRow, IEnumerable<ClinicalRecord>> Read)
{
    /// <summary>How the shape is named to users.</summary>
    public string Name => string.Join('/', Keys);

    public bool Fits(JsonObject row) => Array.TrueForAll(Keys, row.ContainsKey);

    /// <summary>The shapes known for a kind, most specific first.</summary>
    public static IReadOnlyList<RecordShape> For(ImportKind kind) => kind switch
    {
        ImportKind.Pretrain => CaseShapes.Pretrain,
        ImportKind.Sft or ImportKind.Dialogue => AnswerShapes.All,
        ImportKind.Reward => ComparisonShapes.All,
        ImportKind.Prompts => [.. ComparisonShapes.Pairs, .. AnswerShapes.All, .. AnswerShapes.PromptsAlone],
        ImportKind.Exam => CaseShapes.Exam,
        ImportKind.Diagnosis => CaseShapes.Diagnosis,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown kind of import"),
    };
}
