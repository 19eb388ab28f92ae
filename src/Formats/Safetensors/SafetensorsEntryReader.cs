using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>Reads one entry of a safetensors header and checks it against itself.</summary>
internal static class SafetensorsEntryReader
{
    /// <summary>Reads a tensor's dtype, shape and offsets.</summary>
    public static SafetensorsEntry Read(string name, JsonElement value, string file)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtypeValue) || dtypeValue.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shapeValue)
            || !value.TryGetProperty("data_offsets", out var offsetsValue))
        {
            throw SafetensorsHeader.Damaged(file, $"tensor '{name}' lacks dtype, shape or data_offsets");
        }

        var dtype = DTypeOf(dtypeValue.GetString()!, name, file);
        var shape = Numbers(shapeValue, name, "shape", file);
        var offsets = Numbers(offsetsValue, name, "data_offsets", file);
        if (offsets.Length != 2 || offsets[1] < offsets[0])
        {
            throw SafetensorsHeader.Damaged(
                file, $"tensor '{name}': data_offsets must be two numbers, begin and end, not [{string.Join(", ", offsets)}]");
        }

        var expected = Size(dtype, shape, name, file);
        if (expected != offsets[1] - offsets[0])
        {
            throw SafetensorsHeader.Damaged(
                file,
                $"tensor '{name}': {SafetensorsDType.NameOf(dtype)} of shape [{string.Join(", ", shape)}] takes {expected} bytes, "
                + $"its data_offsets span {offsets[1] - offsets[0]}");
        }

        return new SafetensorsEntry(name, dtype, shape, offsets[0], offsets[1]);
    }

    /// <summary>Reads <c>__metadata__</c>, a map from text to text.</summary>
    public static IReadOnlyDictionary<string, string> ReadMetadata(JsonElement value, string file)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw SafetensorsHeader.Damaged(file, "__metadata__ in the header must be an object");
        }

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.String)
            {
                throw SafetensorsHeader.Damaged(file, $"__metadata__ entry '{property.Name}' in the header must be a string");
            }

            metadata[property.Name] = property.Value.GetString()!;
        }

        return metadata;
    }

    private static TensorDType DTypeOf(string text, string name, string file) =>
        SafetensorsDType.TryParse(text, out var dtype)
            ? dtype
            : throw SafetensorsHeader.Damaged(
                file, $"tensor '{name}' has dtype '{text}', which is not one of those known: {SafetensorsDType.Known}");

    private static long[] Numbers(JsonElement value, string name, string key, string file)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var numbers = new List<long>();
            foreach (var item in value.EnumerateArray())
            {
                if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
                {
                    break;
                }

                numbers.Add(number);
            }

            if (numbers.Count == value.GetArrayLength())
            {
                return [.. numbers];
            }
        }

        throw SafetensorsHeader.Damaged(file, $"tensor '{name}': {key} must be a list of whole numbers from 0");
    }

    private static long Size(TensorDType dtype, long[] shape, string name, string file)
    {
        try
        {
            return shape.Aggregate((long)TensorData.ElementSize(dtype), (a, b) => checked(a * b));
        }
        catch (OverflowException)
        {
            throw SafetensorsHeader.Damaged(file, $"tensor '{name}' of shape [{string.Join(", ", shape)}] is too large");
        }
    }
}
