using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Native;

/// <summary>The process-wide state of the tensor library.</summary>
public static class TorchRuntime
{
    private static int s_threads;

    /// <summary>Tensors that are alive in this process. After <see cref="CollectNatives"/> the number must not grow from call to call.</summary>
    public static long LiveTensors => torch.Tensor.TotalCount;

    /// <summary>Loads libtorch, or says why it cannot be loaded.</summary>
    /// <exception cref="ProblemException"><c>CGPT3007</c>: the native library cannot be loaded.</exception>
    [SuppressMessage("Design", "CA1031", Justification = "every loader failure becomes one problem with its message")]
    public static void EnsureAvailable()
    {
        if (NativeBootstrap.Failure is { } failure)
        {
            throw Unavailable(failure);
        }

        try
        {
            using var probe = torch.zeros(1);
        }
        catch (Exception error)
        {
            throw Unavailable((error.InnerException ?? error).Message.Split('\n')[0].Trim());
        }
    }

    /// <summary>Sets the threads of one tensor operation; sums depend on it, so a run uses one number throughout.</summary>
    /// <param name="threads">At least 1.</param>
    public static void SetThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (threads != s_threads)
        {
            torch.set_num_threads(threads);
            s_threads = threads;
        }
    }

    /// <summary>Runs a full collection and waits for finalizers: small native objects are freed only there, and the garbage
    /// collector cannot see their size. Trainers call it every 20 steps.</summary>
    public static void CollectNatives()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static ProblemException Unavailable(string reason) => new(
        ErrorCodes.TorchUnavailable,
        $"libtorch cannot be loaded: {reason}. "
        + "Use the build for this platform (linux-x64), with its bundled libtorch or with Torch__LibraryPath naming the lib folder of an installed PyTorch 2.10.");

    /// <summary>Gives freed native memory back to the system. The C library keeps the holes that tensors of many sizes leave
    /// behind, so that a process grows from run to run although nothing leaks. Takes some milliseconds.</summary>
    public static void ReturnFreedMemory() => _ = Trim(0);

    [DllImport("libc", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint keep);
}
