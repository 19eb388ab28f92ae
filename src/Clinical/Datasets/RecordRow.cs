using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>A record's fields, and the context they are read in.</summary>
internal sealed class RecordRow(JsonObject row, int number, ImportKind kind, DataOptions options)
{
    public JsonObject Fields => row;

    public int Number => number;

    public ImportKind Kind => kind;

    public DataOptions Options => options;

    public bool Has(string key) => row.ContainsKey(key);

    public bool HasList(string key) => row[key] is JsonArray;

    /// <summary>A text that must be there and not blank; a list of one text counts as that text.</summary>
    public string Text(string key) =>
        row[key] is not { } node
            ? throw new InvalidRecordException($"\"{key}\" is missing")
            : TextOf(node, $"\"{key}\"");

    /// <summary>A text or a number as text, or null where there is none.</summary>
    public string? Optional(string key) => row[key] switch
    {
        JsonValue value when value.TryGetValue<string>(out var text) => string.IsNullOrWhiteSpace(text) ? null : text,
        JsonValue value when value.TryGetValue<long>(out var integer) => integer.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>A list of texts, none blank.</summary>
    public List<string> Texts(string key, int least)
    {
        var list = row[key] as JsonArray ?? throw new InvalidRecordException($"\"{key}\" must be a list");
        return list.Count < least
            ? throw new InvalidRecordException($"\"{key}\" has {list.Count} entries; at least {least} are needed")
            : [.. list.Select((node, i) => TextOf(node, $"\"{key}\"[{i}]"))];
    }

    public static string TextOf(JsonNode? node, string name)
    {
        var single = node is JsonArray { Count: 1 } list ? list[0] : node;
        return single is not JsonValue value || !value.TryGetValue<string>(out var text)
            ? throw new InvalidRecordException($"{name} must be a text")
            : string.IsNullOrWhiteSpace(text) ? throw new InvalidRecordException($"{name} is empty") : text;
    }
}
