using System.Text.Json;
using System.Text.Unicode;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Formats.Json;

/// <summary>A JSON object inside a file, read with errors that name the file and the key.</summary>
/// <param name="Element">The object.</param>
/// <param name="File">The file as the user knows it.</param>
/// <param name="Path">Where in the file, dotted; empty for the root.</param>
/// <param name="Code">The error code of whatever is wrong here.</param>
internal readonly record struct JsonSection(JsonElement Element, string File, string Path, string Code)
{
    /// <summary>Parses a file's bytes; the root must be an object.</summary>
    public static JsonSection Parse(ReadOnlyMemory<byte> json, string file, string code)
    {
        JsonElement root;
        try
        {
            json = WithoutByteOrderMark(json);
            CheckText(json.Span, file, code);
            using var document = JsonDocument.Parse(json);
            root = document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ProblemException(
                code,
                $"the file is not valid JSON (line {e.LineNumber + 1}); download or copy it again",
                file,
                (int?)(e.LineNumber + 1));
        }

        return root.ValueKind == JsonValueKind.Object
            ? new JsonSection(root, file, "", code)
            : throw new ProblemException(code, $"the file must hold a JSON object, not {Kind(root)}", file);
    }

    /// <summary>The key <paramref name="name"/> with its path.</summary>
    public string KeyOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>An error about the key <paramref name="name"/>, or about this object where it is null.</summary>
    public ProblemException Problem(string message, string? name = null, string? code = null) =>
        new(code ?? Code, message, File, null, name is null ? (Path.Length == 0 ? null : Path) : KeyOf(name));

    /// <summary>Whether the key exists and is not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>The value under a key; false where it is absent or null.</summary>
    public bool TryGet(string name, out JsonElement value) =>
        Element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>A nested object, or null where the key is absent or null.</summary>
    public JsonSection? Section(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? this with { Element = value, Path = KeyOf(name) }
            : throw Problem($"must be an object, not {Kind(value)}", name);
    }

    /// <summary>The objects of an array; empty where the key is absent or null.</summary>
    public IReadOnlyList<JsonSection> Sections(string name)
    {
        var sections = new List<JsonSection>();
        foreach (var item in Items(name))
        {
            var path = $"{KeyOf(name)}[{sections.Count}]";
            sections.Add(item.ValueKind == JsonValueKind.Object
                ? this with { Element = item, Path = path }
                : throw new ProblemException(Code, $"must be an object, not {Kind(item)}", File, null, path));
        }

        return sections;
    }

    /// <summary>The elements of an array; empty where the key is absent or null.</summary>
    public IEnumerable<JsonElement> Items(string name)
    {
        if (!TryGet(name, out var value))
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray()
            : throw Problem($"must be a list, not {Kind(value)}", name);
    }

    /// <summary>A list of strings; empty where the key is absent or null.</summary>
    public IReadOnlyList<string> Strings(string name)
    {
        var strings = new List<string>();
        foreach (var item in Items(name))
        {
            strings.Add(item.ValueKind == JsonValueKind.String
                ? item.GetString()!
                : throw Problem($"must be a list of strings; it holds {Kind(item)}", name));
        }

        return strings;
    }

    /// <summary>A list of whole numbers; empty where the key is absent or null.</summary>
    public IReadOnlyList<int> Integers(string name)
    {
        var numbers = new List<int>();
        foreach (var item in Items(name))
        {
            numbers.Add(item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var number)
                ? number
                : throw Problem($"must be a list of whole numbers; it holds {Kind(item)}", name));
        }

        return numbers;
    }

    /// <summary>A string, or null where the key is absent or null.</summary>
    public string? Text(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : throw Problem($"must be a string, not {Kind(value)}", name);
    }

    /// <summary>A whole number, or null where the key is absent or null.</summary>
    public int? Integer(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : throw Problem($"must be a whole number below 2147483648, not {Kind(value)}", name);
    }

    /// <summary>A number, or null where the key is absent or null.</summary>
    public double? Number(string name)
    {
        if (!TryGet(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw Problem($"must be a number, not {Kind(value)}", name);
    }

    /// <summary>A flag, or the default where the key is absent or null.</summary>
    public bool Flag(string name, bool otherwise = false)
    {
        if (!TryGet(name, out var value))
        {
            return otherwise;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Problem($"must be true or false, not {Kind(value)}", name);
    }

    /// <summary>A value that must be there.</summary>
    public T Required<T>(string name, T? value)
        where T : struct => value ?? throw Problem("is missing", name);

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Problem("is missing", name);

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.String => "a string",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    /// <summary>The reader checks text only when it is asked for: check all of it at once, here.</summary>
    private static void CheckText(ReadOnlySpan<byte> json, string file, string code)
    {
        var valid = Utf8.IsValid(json);
        var reader = new Utf8JsonReader(json);
        while (valid && reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
            {
                valid = !IsHalfEscape(ref reader);
            }
        }

        if (!valid)
        {
            throw new ProblemException(code, "the file holds text that is not valid Unicode", file);
        }
    }

    private static bool IsHalfEscape(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true; // half of a surrogate pair, \ud800
        }
    }

    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> json) =>
        json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
}
