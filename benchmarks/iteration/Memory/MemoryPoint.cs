using ClinicalGpt.Orleans.Learning.Native;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

/// <summary>A process's memory at a moment.</summary>
/// <param name="At">Iterations or runs done.</param>
/// <param name="ResidentBytes">Resident set.</param>
/// <param name="LiveTensors">TorchSharp's count of tensors alive.</param>
/// <param name="ManagedBytes">Managed heap after a full collection.</param>
internal sealed record MemoryPoint(int At, long ResidentBytes, long LiveTensors, long ManagedBytes)
{
    /// <summary>This process now, after a full collection: what is garbage is no leak.</summary>
    /// <param name="at">Iterations or runs done.</param>
    public static MemoryPoint Now(int at)
    {
        TorchRuntime.CollectNatives();
        TorchRuntime.CollectNatives();
        return new MemoryPoint(at, Environment.WorkingSet, TorchRuntime.LiveTensors, GC.GetTotalMemory(forceFullCollection: true));
    }
}
