using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Sample rows as JSON lines: readable characters, LF.</summary>
internal static class SampleJson
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Lines(IEnumerable<JsonObject> rows) => string.Concat(rows.Select(r => r.ToJsonString(Options) + "\n"));

    /// <summary>Adds what an answer can be checked by.</summary>
    public static JsonObject WithKey(this JsonObject row, string language, GraphKey key)
    {
        row["language"] = language;
        row["subject"] = key.Subject;
        row["relation"] = key.Relation;
        return row;
    }
}
