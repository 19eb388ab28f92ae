using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Between bytes and tensors. Inside, floating-point numbers are fp32.</summary>
internal static class TensorConversion
{
    /// <summary>A new fp32 tensor that no dispose scope owns.</summary>
    public static Tensor ToOwnedTensor(this TensorData data)
    {
        if (data.Data.Length != data.Count * TensorData.ElementSize(data.DType))
        {
            throw new ProblemException(
                ErrorCodes.ModelDamaged,
                $"tensor {data.Name} has {data.Data.Length} bytes; its shape [{string.Join(", ", data.Shape)}] of {data.DType} needs {data.Count * TensorData.ElementSize(data.DType)}. The file is truncated or damaged: fetch it again.");
        }

        using var scope = torch.NewDisposeScope();
        var raw = torch.empty(data.Shape, ScalarOf(data.DType));
        data.Data.Span.CopyTo(raw.bytes);
        return (data.DType == TensorDType.F32 ? raw : raw.to(torch.ScalarType.Float32)).DetachFromDisposeScope();
    }

    /// <summary>The bytes of a tensor, fp32.</summary>
    public static TensorData ToData(this Tensor tensor, string name)
    {
        using var scope = torch.NewDisposeScope();
        var plain = tensor.detach().to(torch.ScalarType.Float32).contiguous();
        return new TensorData(name, TensorDType.F32, [.. plain.shape], plain.bytes.ToArray());
    }

    /// <summary>The numbers of an fp32 tensor, row-major.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        return MemoryMarshal.Cast<byte, float>(tensor.detach().to(torch.ScalarType.Float32).contiguous().bytes).ToArray();
    }

    /// <summary>A one-dimensional fp32 tensor in the current dispose scope.</summary>
    public static Tensor Vector(ReadOnlySpan<float> values) => torch.tensor(values.ToArray());

    private static torch.ScalarType ScalarOf(TensorDType dtype) => dtype switch
    {
        TensorDType.F32 => torch.ScalarType.Float32,
        TensorDType.BF16 => torch.ScalarType.BFloat16,
        TensorDType.F16 => torch.ScalarType.Float16,
        TensorDType.F64 => torch.ScalarType.Float64,
        TensorDType.I64 => torch.ScalarType.Int64,
        TensorDType.I32 => torch.ScalarType.Int32,
        TensorDType.U8 => torch.ScalarType.Byte,
        TensorDType.Bool => torch.ScalarType.Bool,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "unknown dtype"),
    };
}
