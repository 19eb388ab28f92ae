using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Storage.Commits;

/// <summary>Identity of what a commit makes true: equal for a repeated commit, whatever its epoch and timings.</summary>
internal static class ContentHash
{
    public static string Of(IterationCommit commit)
    {
        var content = JsonSerializer.SerializeToNode(
            commit with { Epoch = 0, Timings = new Dictionary<string, double>() }, RecipeJson.Options);
        var text = Sorted(content)!.ToJsonString(RecipeJson.Options);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    /// <summary>The same document with the keys of every object in ordinal order: dictionaries promise none.</summary>
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(
            o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
