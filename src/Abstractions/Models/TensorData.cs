namespace ClinicalGpt.Orleans.Abstractions.Models;

/// <summary>Number formats of tensors outside the device, named as in safetensors.</summary>
public enum TensorDType
{
    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>bfloat16.</summary>
    BF16,

    /// <summary>16-bit float.</summary>
    F16,

    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>64-bit integer.</summary>
    I64,

    /// <summary>32-bit integer.</summary>
    I32,

    /// <summary>8-bit unsigned integer.</summary>
    U8,

    /// <summary>Boolean, one byte each.</summary>
    Bool,
}

/// <summary>A tensor as bytes: what files, blobs and messages hold. Never a native handle.</summary>
/// <param name="Name">Its name, for example <c>transformer.h.0.mlp.dense_h_to_4h.weight</c>.</param>
/// <param name="DType">Number format.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Data">Little-endian elements in row-major order; may be a view of a mapped file.</param>
public sealed record TensorData(string Name, TensorDType DType, long[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (a, b) => a * b);

    /// <summary>Bytes one element takes.</summary>
    /// <param name="dtype">Number format.</param>
    public static int ElementSize(TensorDType dtype) => dtype switch
    {
        TensorDType.F32 or TensorDType.I32 => 4,
        TensorDType.BF16 or TensorDType.F16 => 2,
        TensorDType.F64 or TensorDType.I64 => 8,
        TensorDType.U8 or TensorDType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "unknown dtype"),
    };
}
