using System.Globalization;
using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>A folder with PostgreSQL's programs.</summary>
/// <param name="Folder">Holds initdb, pg_ctl and postgres.</param>
/// <param name="Major">Major version, at least <see cref="OldestMajor"/>.</param>
/// <param name="Libraries">Folder with its shared libraries, when they are not the system's; null otherwise.</param>
internal sealed partial record PostgresBinaries(string Folder, int Major, string? Libraries = null)
{
    public const int OldestMajor = 13;

    /// <summary>Environment variable that names the folder and overrides the search.</summary>
    public const string FolderVariable = "PG_BIN";

    private static readonly string[] Patterns =
    [
        "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/opt/homebrew/opt/postgresql@*/bin",
        "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
        @"C:\Program Files\PostgreSQL\*\bin",
    ];

    public string Program(string name) =>
        Path.Combine(Folder, OperatingSystem.IsWindows() ? name + ".exe" : name);

    public IReadOnlyDictionary<string, string> Environment => Libraries is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = Libraries };

    /// <summary>The installed programs: of the given major version, or else the newest; null when there are none.</summary>
    public static async Task<PostgresBinaries?> FindAsync(int? major, CancellationToken cancellationToken)
    {
        var named = System.Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(named))
        {
            return await TryOpenAsync(named, cancellationToken) ?? throw new ProblemException(
                ErrorCodes.SettingInvalid,
                $"{FolderVariable} is '{named}', which holds no PostgreSQL {OldestMajor} or newer (initdb, pg_ctl, postgres).",
                key: FolderVariable);
        }

        PostgresBinaries? best = null;
        foreach (var folder in Candidates().Distinct())
        {
            var found = await TryOpenAsync(folder, cancellationToken);
            if (found is not null && (major is null || found.Major == major) && found.Major > (best?.Major ?? 0))
            {
                best = found;
            }
        }

        return best;
    }

    /// <summary>Looks at one folder.</summary>
    public static async Task<PostgresBinaries?> TryOpenAsync(
        string folder, CancellationToken cancellationToken, string? libraries = null)
    {
        var binaries = new PostgresBinaries(folder, 0, libraries);
        if (!new[] { "initdb", "pg_ctl", "postgres" }.All(name => File.Exists(binaries.Program(name))))
        {
            return null;
        }

        var result = await CommandRunner.RunAsync(
            [binaries.Program("postgres"), "--version"], cancellationToken, environment: binaries.Environment);
        var match = VersionPattern().Match(result.Output);
        return result.Succeeded && match.Success
            && int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) is >= OldestMajor and var version
            ? binaries with { Major = version }
            : null;
    }

    private static IEnumerable<string> Candidates()
    {
        foreach (var pattern in Patterns)
        {
            foreach (var folder in Expand(pattern))
            {
                yield return folder;
            }
        }

        var path = System.Environment.GetEnvironmentVariable("PATH") ?? "";
        foreach (var folder in path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
        {
            var initdb = new FileInfo(Path.Combine(folder, OperatingSystem.IsWindows() ? "initdb.exe" : "initdb"));
            if (initdb.Exists)
            {
                yield return Path.GetDirectoryName(initdb.ResolveLinkTarget(returnFinalTarget: true)?.FullName)
                    ?? initdb.DirectoryName!;
            }
        }
    }

    /// <summary>Folders that a pattern with one star names.</summary>
    private static IEnumerable<string> Expand(string pattern)
    {
        var separator = pattern.Contains('\\') ? '\\' : '/';
        var parts = pattern.Split(separator);
        var star = Array.FindIndex(parts, p => p.Contains('*'));
        var parent = string.Join(separator, parts[..star]);
        return Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, parts[star]).Select(d => Path.Combine([d, .. parts[(star + 1)..]]))
            : [];
    }

    [GeneratedRegex(@"\(PostgreSQL\) (\d+)")]
    private static partial Regex VersionPattern();
}
