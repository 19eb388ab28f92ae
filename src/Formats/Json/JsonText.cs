using System.Text.Encodings.Web;
using System.Text.Json;

namespace ClinicalGpt.Orleans.Formats.Json;

/// <summary>Writes JSON files the way Hugging Face's libraries do: indented by two, a line feed at the end.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>An object with its keys in ordinal order, as UTF-8.</summary>
    public static byte[] Write(IEnumerable<KeyValuePair<string, object?>> entries)
    {
        var sorted = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
        {
            sorted.Add(key, value);
        }

        return [.. JsonSerializer.SerializeToUtf8Bytes(sorted, Options), (byte)'\n'];
    }
}
