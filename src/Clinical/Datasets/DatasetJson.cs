using System.Text;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>Imported records as a blob: JSON lines of <see cref="ClinicalRecord"/>, UTF-8, LF, the same bytes for the same records.</summary>
public static class DatasetJson
{
    /// <summary>Writes records.</summary>
    /// <param name="records">In order.</param>
    public static byte[] Write(IEnumerable<ClinicalRecord> records)
    {
        using var stream = new MemoryStream();
        foreach (var record in records)
        {
            JsonSerializer.Serialize(stream, record, RecipeJson.Options);
            stream.WriteByte((byte)'\n');
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="blob">The bytes.</param>
    /// <exception cref="ProblemException">CGPT4007: not such a blob.</exception>
    public static IReadOnlyList<ClinicalRecord> Read(ReadOnlyMemory<byte> blob)
    {
        var records = new List<ClinicalRecord>();
        foreach (var line in Encoding.UTF8.GetString(blob.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                records.Add(JsonSerializer.Deserialize<ClinicalRecord>(line, RecipeJson.Options) ?? throw new JsonException());
            }
            catch (JsonException)
            {
                throw new ProblemException(ErrorCodes.BlobDamaged, "a stored data set holds a line that is no record", line: records.Count + 1);
            }
        }

        return records;
    }
}
