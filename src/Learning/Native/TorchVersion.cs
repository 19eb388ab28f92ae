using System.Text.RegularExpressions;

namespace ClinicalGpt.Orleans.Learning.Native;

/// <summary>The version of an installed libtorch. Another one than TorchSharp was linked with may load and then end the
/// process at the first function whose signature has changed, so it is told before.</summary>
internal static partial class TorchVersion
{
    /// <summary>What TorchSharp 0.107 was built for; patch releases are compatible.</summary>
    public const string Needed = "2.10";

    /// <summary>The version, for example <c>2.10.0+cpu</c>; null: the folder does not say.</summary>
    /// <param name="libraryFolder">The <c>lib</c> folder of a PyTorch (version.py beside it) or of a libtorch download (build-version).</param>
    public static string? Of(string libraryFolder)
    {
        var parent = Path.Combine(libraryFolder, "..");
        var python = Path.Combine(parent, "version.py");
        var download = Path.Combine(parent, "build-version");
        return File.Exists(python) && Assignment().Match(File.ReadAllText(python)) is { Success: true } match ? match.Groups[1].Value
            : File.Exists(download) ? File.ReadAllText(download).Trim()
            : null;
    }

    /// <summary>Whether TorchSharp can work with it.</summary>
    /// <param name="version">From <see cref="Of"/>.</param>
    public static bool Fits(string version) => version == Needed || version.StartsWith(Needed + ".", StringComparison.Ordinal);

    [GeneratedRegex("^__version__\\s*(?::\\s*\\w+\\s*)?=\\s*['\"]([^'\"]+)['\"]", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
