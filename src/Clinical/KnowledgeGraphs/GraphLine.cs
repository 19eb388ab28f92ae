using System.Text.Json;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>One line of a graph file.</summary>
internal static class GraphLine
{
    public const string Expected =
        "not a triple; expected {\"subject\":{\"en\":..,\"zh\":..},\"relation\":..,\"object\":{\"en\":..,\"zh\":..}} with no empty name";

    /// <summary>The triple, or null where the line is none.</summary>
    public static GraphTriple? Read(string line)
    {
        JsonObject? row;
        try
        {
            row = JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null; // the caller names file and line
        }

        return row is not null && Name(row["subject"]) is { } subject && Text(row["relation"]) is { } relation && Name(row["object"]) is { } target
            ? new GraphTriple(subject, relation, target, Text((row["subject"] as JsonObject)?["group"]))
            : null;
    }

    public static string Write(GraphTriple triple)
    {
        var subject = new JsonObject { ["en"] = triple.Subject.En, ["zh"] = triple.Subject.Zh };
        if (triple.Group is not null)
        {
            subject["group"] = triple.Group;
        }

        return new JsonObject
        {
            ["subject"] = subject,
            ["relation"] = triple.Relation,
            ["object"] = new JsonObject { ["en"] = triple.Object.En, ["zh"] = triple.Object.Zh },
        }.ToJsonString(RecipeJson.Options);
    }

    private static BilingualName? Name(JsonNode? node) =>
        node is JsonObject names && Text(names["en"]) is { } en && Text(names["zh"]) is { } zh ? new BilingualName(en, zh) : null;

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && !string.IsNullOrWhiteSpace(text) ? text : null;
}
