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
    private const string Core = "libtorch_cpu.so";
    private const string TooNewVersion = "GLIBCXX_3.4.32";

    private static readonly string[] Torch =
        ["libc10.so", Core, "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

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
            // The runtime's advice comes first, what the system's loader said after it.
            var lines = failure.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            Failure = lines.ElementAtOrDefault(1) ?? failure.Message;
        }
    }

    private static void Prepare()
    {
        var folders = ApplicationFolders();
        var shim = folders.Select(f => Path.Combine(f, Shim)).FirstOrDefault(File.Exists);
        var bundled = folders.FirstOrDefault(f => File.Exists(Path.Combine(f, Core)));
        var configured = ConfiguredFolder();
        Failure = WhyImpossible(shim, bundled, configured, folders);
        if (Failure is not null)
        {
            return;
        }

        // OpenMP's threads spin between regions by default: with more compute threads than free cores (several silos on one
        // machine, tests side by side) that is slower by an order of magnitude. libgomp reads this once, when it is loaded;
        // the process's own setting wins.
        _ = SetEnvironment("OMP_WAIT_POLICY", "PASSIVE", overwrite: 0);

        // The shim finds these by SONAME once they are in the process.
        LibraryFolder = configured ?? bundled;
        foreach (var library in Torch.Select(l => Path.Combine(LibraryFolder ?? "", l)).Where(File.Exists))
        {
            NativeLibrary.Load(library);
        }

        if (!NativeLibrary.TryLoad(shim!, out _))
        {
            Serve(LoadRelaxedCopy(shim!));
        }
    }

    /// <summary>What TorchSharp would answer with a page of text, or with the end of the process, in one line; null: go on.</summary>
    private static string? WhyImpossible(string? shim, string? bundled, string? configured, IReadOnlyList<string> folders)
    {
        if (shim is null)
        {
            return $"{Shim} is in none of: {string.Join(", ", folders)}";
        }

        if (configured is null)
        {
            return bundled is not null || NativeLibrary.TryLoad(Core, out _)
                ? null
                : $"{Core} is in none of: {string.Join(", ", folders)}, and Torch__LibraryPath is not set";
        }

        if (!File.Exists(Path.Combine(configured, Core)))
        {
            return $"the configured library folder '{configured}' holds no {Core}";
        }

        if (TorchVersion.Of(configured) is { } version && !TorchVersion.Fits(version))
        {
            return $"'{configured}' holds libtorch {version}, and TorchSharp was built for {TorchVersion.Needed}";
        }

        // TorchSharp loads a copy in its own search folders too, whatever is loaded already, and two copies abort the process.
        var second = folders.Where(f => f != BundledFolder).FirstOrDefault(f => File.Exists(Path.Combine(f, Core)));
        return second is null || Path.GetFullPath(second) == Path.GetFullPath(configured)
            ? null
            : $"'{second}' holds a libtorch of its own beside the configured '{configured}', and two cannot be in one process; "
                + "unset Torch__LibraryPath, or use a build without a bundled libtorch";
    }

    /// <summary>Where the build puts libtorch for CPU: not among the folders TorchSharp looks in.</summary>
    private static string BundledFolder => Path.Combine(AppContext.BaseDirectory, "libtorch");

    private static List<string> ApplicationFolders()
    {
        var root = AppContext.BaseDirectory;
        var host = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return [.. ((string[])[BundledFolder, root, Path.Combine(root, "runtimes", "linux-x64", "native"), .. host]).Select(f => f.TrimEnd('/')).Distinct()];
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

    /// <summary>The C library's environment: .NET's own copy is not seen by native code.</summary>
    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
