using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Tests.Samples;

/// <summary>The shipped sample files, as the tests see them.</summary>
internal static class Quickstart
{
    public static KnowledgeGraph Graph { get; } = KnowledgeGraph.Load(PathOf("graph.jsonl"));

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Quickstart", name);

    public static List<JsonObject> Rows(string name) =>
        [.. File.ReadLines(PathOf(name)).Select(line => JsonNode.Parse(line)!.AsObject())];

    public static string Text(this JsonObject row, string field) => row[field]!.GetValue<string>();

    public static GraphKey Key(this JsonObject row) => new(row.Text("subject"), row.Text("relation"));
}
