using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>The names of number formats in safetensors files.</summary>
internal static class SafetensorsDType
{
    private static readonly (string Name, TensorDType DType)[] All =
    [
        ("F32", TensorDType.F32), ("BF16", TensorDType.BF16), ("F16", TensorDType.F16), ("F64", TensorDType.F64),
        ("I64", TensorDType.I64), ("I32", TensorDType.I32), ("U8", TensorDType.U8), ("BOOL", TensorDType.Bool),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Known => string.Join(", ", All.Select(pair => pair.Name));

    /// <summary>The name of a format.</summary>
    public static string NameOf(TensorDType dtype) => All.First(pair => pair.DType == dtype).Name;

    /// <summary>The format with this name.</summary>
    public static bool TryParse(string name, out TensorDType dtype)
    {
        foreach (var pair in All)
        {
            if (pair.Name == name)
            {
                dtype = pair.DType;
                return true;
            }
        }

        dtype = default;
        return false;
    }
}
