using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>A record as it stands in its file.</summary>
/// <param name="Row">The JSON object.</param>
/// <param name="Number">1-based number in the file.</param>
/// <param name="Line">1-based line it begins on.</param>
internal sealed record RawRecord(JsonObject Row, int Number, int Line);

/// <summary>Reads JSON lines or a JSON array; which of the two is told by the content, not by the file's name.</summary>
internal static class RecordFile
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The records; what cannot be read goes to the problems.</summary>
    public static List<RawRecord> Read(string path, ProblemList problems)
    {
        if (!File.Exists(path))
        {
            problems.Add(ErrorCodes.DataFileMissing, "the file does not exist; paths are relative to the recipe", path);
            return [];
        }

        var bytes = File.ReadAllBytes(path).AsSpan();
        var content = bytes.StartsWith(Utf8Mark) ? bytes[Utf8Mark.Length..] : bytes;
        if (!IsUtf8(content, out var badLine))
        {
            problems.Add(ErrorCodes.DataRecordInvalid, "the file is not UTF-8; convert it, for example with iconv -f GB18030 -t UTF-8", path, badLine);
            return [];
        }

        var start = content.IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0)
        {
            problems.Add(ErrorCodes.DataFileEmpty, "the file holds no record", path);
            return [];
        }

        var before = problems.Count;
        var rows = content[start] == (byte)'[' ? Array(content, path, problems) : Lines(content, path, problems);
        if (rows.Count == 0 && problems.Count == before)
        {
            problems.Add(ErrorCodes.DataFileEmpty, "the file holds no record", path);
        }

        return rows;
    }

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    private static List<RawRecord> Lines(ReadOnlySpan<byte> content, string path, ProblemList problems)
    {
        var rows = new List<RawRecord>();
        var number = 0;
        var line = 0;
        foreach (var range in content.Split((byte)'\n'))
        {
            line++;
            var text = content[range].Trim(" \t\r"u8);
            if (text.Length == 0)
            {
                continue;
            }

            number++;
            if (Parse(text, out var problem) is { } row)
            {
                rows.Add(new RawRecord(row, number, line));
            }
            else if (number == 1 && Parse(content, out _) is { } whole)
            {
                return [new RawRecord(whole, 1, line)]; // one object written over several lines
            }
            else
            {
                problems.Add(ErrorCodes.DataRecordInvalid, problem!, path, line);
            }
        }

        return rows;
    }

    private static List<RawRecord> Array(ReadOnlySpan<byte> content, string path, ProblemList problems)
    {
        var rows = new List<RawRecord>();
        var number = 0;
        var line = 1;
        var counted = 0;
        var reader = new Utf8JsonReader(content);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                number++;
                var start = (int)reader.TokenStartIndex;
                line += content[counted..start].Count((byte)'\n');
                counted = start;
                reader.Skip();
                if (Parse(content[start..(int)reader.BytesConsumed], out var problem) is { } row)
                {
                    rows.Add(new RawRecord(row, number, line));
                }
                else
                {
                    problems.Add(ErrorCodes.DataRecordInvalid, problem!, path, line);
                }
            }

            reader.Read(); // nothing may follow the array
        }
        catch (JsonException e)
        {
            problems.Add(ErrorCodes.DataRecordInvalid, Broken, path, (int)(e.LineNumber ?? 0) + 1);
        }

        return rows;
    }

    private const string Broken = "not valid JSON; one object a line, or one array of objects, is expected";

    private static JsonObject? Parse(ReadOnlySpan<byte> text, out string? problem)
    {
        problem = null;
        try
        {
            if (JsonNode.Parse(text, documentOptions: Strict) is JsonObject row)
            {
                _ = row.Count; // materialises the keys
                return row;
            }

            problem = "a record must be a JSON object";
        }
        catch (JsonException e)
        {
            problem = $"{Broken} (byte {e.BytePositionInLine})";
        }
        catch (InvalidOperationException)
        {
            problem = "a key holds a broken \\u escape";
        }

        return null;
    }

    private static bool IsUtf8(ReadOnlySpan<byte> content, out int badLine)
    {
        badLine = 0;
        var invalid = System.Text.Unicode.Utf8.IsValid(content) ? -1 : FirstInvalid(content);
        if (invalid < 0)
        {
            return true;
        }

        badLine = content[..invalid].Count((byte)'\n') + 1;
        return false;
    }

    private static int FirstInvalid(ReadOnlySpan<byte> content)
    {
        try
        {
            _ = Utf8.GetCharCount(content);
            return -1;
        }
        catch (DecoderFallbackException e)
        {
            return Math.Max(0, e.Index);
        }
    }
}
