using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace ClinicalGpt.Orleans.Learning.Native;

/// <summary>Makes libtorch loadable before anything touches <c>torch</c>. TorchSharp 0.107's Linux library was linked with
/// GCC 13 and demands <c>GLIBCXX_3.4.32</c> for one symbol that no relocation uses; Debian 12 and Ubuntu 22.04 stop at
/// 3.4.30. There, a private copy with that demand made weak is loaded instead; no installed file is changed.</summary>
internal static class NativeBootstrap
{
    private const string Shim = "libLibTorchSharp.so";
    private const string TooNewVersion = "GLIBCXX_3.4.32";

    private static readonly string[] Torch =
        ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    /// <summary>Why the library could not be prepared, in the loader's own words; null when nothing went wrong.</summary>
    public static string? Failure { get; private set; }

    /// <summary>Where libtorch was taken from, or null when it was left to TorchSharp.</summary>
    public static string? LibraryFolder { get; private set; }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "must run before the first use of torch, in every host and test")]
    [SuppressMessage("Design", "CA1031", Justification = "a module initializer must not throw; TorchRuntime reports the failure")]
    internal static void Initialize()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                Prepare();
            }
        }
        catch (Exception failure)
        {
            Failure = failure.Message;
        }
    }

    private static void Prepare()
    {
        string[] folders =
            [AppContext.BaseDirectory, Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native")];
        var shim = folders.Select(f => Path.Combine(f, Shim)).FirstOrDefault(File.Exists);
        var configured = ConfiguredFolder();
        if (configured is not null && !File.Exists(Path.Combine(configured, "libtorch_cpu.so")))
        {
            Failure = $"the configured library folder '{configured}' holds no libtorch_cpu.so";
            return;
        }

        LibraryFolder = configured ?? folders.FirstOrDefault(f => File.Exists(Path.Combine(f, "libtorch_cpu.so")));
        if (LibraryFolder is null || shim is null)
        {
            return;
        }

        // The shim finds these by SONAME once they are in the process.
        foreach (var library in Torch.Select(l => Path.Combine(LibraryFolder, l)).Where(File.Exists))
        {
            NativeLibrary.Load(library);
        }

        if (!NativeLibrary.TryLoad(shim, out _))
        {
            Serve(LoadRelaxedCopy(shim));
        }
    }

    private static string? ConfiguredFolder()
    {
        var value = Environment.GetEnvironmentVariable("Torch__LibraryPath")
            ?? Environment.GetEnvironmentVariable("TORCH_LIBRARY_PATH")
            ?? AppContext.GetData("Torch:LibraryPath") as string;
        return string.IsNullOrWhiteSpace(value) ? null : value;
    }

    private static IntPtr LoadRelaxedCopy(string shim)
    {
        var bytes = File.ReadAllBytes(shim);
        ElfVersionNeeds.Relax(bytes, TooNewVersion);
        var folder = Directory.CreateTempSubdirectory("clinicalgpt-native-").FullName;
        try
        {
            var copy = Path.Combine(folder, Shim);
            File.WriteAllBytes(copy, bytes);
            return NativeLibrary.Load(copy);
        }
        finally
        {
            Directory.Delete(folder, recursive: true); // a mapped file stays mapped
        }
    }

    private static void Serve(IntPtr handle) =>
        AssemblyLoadContext.Default.ResolvingUnmanagedDll +=
            (_, name) => name is "LibTorchSharp" or "libLibTorchSharp" ? handle : IntPtr.Zero;
}
