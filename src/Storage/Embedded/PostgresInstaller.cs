using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>Gets PostgreSQL through apt when it is not installed: as root it installs the package, as an ordinary user it
/// downloads the packages and unpacks them into a cache folder.</summary>
/// <param name="cache">The cache folder.</param>
/// <param name="log">Gets a line for each thing done.</param>
internal sealed class PostgresInstaller(string cache, Action<string> log)
{
    private static readonly Dictionary<string, string> Quiet = new() { ["DEBIAN_FRONTEND"] = "noninteractive" };

    private string[] _apt = ["apt-get"];

    /// <summary>Cache folder of this user.</summary>
    public static string DefaultCache => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home && Directory.Exists(home)
            ? Path.Combine(home, ".cache")
            : Path.GetTempPath(),
        "clinicalgpt",
        "postgresql");

    /// <summary>Programs unpacked earlier, else newly fetched ones.</summary>
    /// <exception cref="ProblemException">CGPT4002: this platform has no way, or the way failed.</exception>
    public async Task<PostgresBinaries> InstallAsync(CancellationToken cancellationToken)
    {
        if (await FindUnpackedAsync(cancellationToken) is { } unpacked)
        {
            return unpacked;
        }

        if (!OperatingSystem.IsLinux()
            || (await CommandRunner.RunAsync(["apt-get", "--version"], cancellationToken)).ExitCode == CommandRunner.NotFound)
        {
            throw NotInstalled("");
        }

        if (Environment.IsPrivilegedProcess)
        {
            log("PostgreSQL is not installed; installing the package postgresql");
            await InstallPackageAsync(cancellationToken);
            return await PostgresBinaries.FindAsync(null, cancellationToken) ?? throw NotInstalled("");
        }

        log($"PostgreSQL is not installed; downloading it to {cache}");
        await UnpackAsync(cancellationToken);
        return await FindUnpackedAsync(cancellationToken) ?? throw NotInstalled("");
    }

    private string Unpacked => Path.Combine(cache, "root");

    private async Task InstallPackageAsync(CancellationToken token)
    {
        // Its own cluster on port 5432 is not wanted: the setting must exist before the server's package does.
        if (!(await AptAsync(token, "install", "-y", "--no-install-recommends", "postgresql-common")).Succeeded)
        {
            await RequireAsync(AptAsync(token, "update"));
            await RequireAsync(AptAsync(token, "install", "-y", "--no-install-recommends", "postgresql-common"));
        }

        await File.AppendAllTextAsync("/etc/postgresql-common/createcluster.conf", "\ncreate_main_cluster = false\n", token);
        await RequireAsync(AptAsync(token, "install", "-y", "--no-install-recommends", "postgresql"));
    }

    /// <summary>Exactly the packages apt would install, unpacked without installing them.</summary>
    private async Task UnpackAsync(CancellationToken token)
    {
        var packages = Path.Combine(cache, "packages");
        Directory.CreateDirectory(packages);
        Directory.CreateDirectory(Unpacked);
        var plan = await AptAsync(token, "-s", "install", "--no-install-recommends", "postgresql");
        if (!plan.Succeeded)
        {
            await UsePrivateListsAsync(token);
            plan = await RequireAsync(AptAsync(token, "-s", "install", "--no-install-recommends", "postgresql"));
        }

        string[] names = [.. plan.Output.Split('\n')
            .Where(l => l.StartsWith("Inst ", StringComparison.Ordinal)).Select(l => l.Split(' ')[1])];
        await RequireAsync(CommandRunner.RunAsync([.. _apt, "download", .. names], token, packages, Quiet));
        foreach (var package in Directory.EnumerateFiles(packages, "*.deb").Order(StringComparer.Ordinal))
        {
            await RequireAsync(CommandRunner.RunAsync(["dpkg", "-x", package, Unpacked], token));
        }

        Directory.Delete(packages, recursive: true);
    }

    /// <summary>Package lists of our own: the system's are missing, and only root may fetch them.</summary>
    private async Task UsePrivateListsAsync(CancellationToken token)
    {
        var state = Path.Combine(cache, "apt");
        Directory.CreateDirectory(Path.Combine(state, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(state, "archives", "partial"));
        _apt =
        [
            "apt-get", "-o", $"Dir::State::lists={state}/lists", "-o", $"Dir::Cache={state}",
            "-o", "Debug::NoLocking=1",
        ];
        await RequireAsync(AptAsync(token, "update"));
    }

    private async Task<PostgresBinaries?> FindUnpackedAsync(CancellationToken token)
    {
        var versions = Path.Combine(Unpacked, "usr", "lib", "postgresql");
        var libraries = Directory.Exists(Path.Combine(Unpacked, "usr", "lib"))
            ? Directory.EnumerateDirectories(Path.Combine(Unpacked, "usr", "lib"), "*-linux-gnu*").FirstOrDefault()
            : null;
        PostgresBinaries? best = null;
        foreach (var version in Directory.Exists(versions) ? Directory.EnumerateDirectories(versions) : [])
        {
            var found = await PostgresBinaries.TryOpenAsync(Path.Combine(version, "bin"), token, libraries);
            best = found is not null && found.Major > (best?.Major ?? 0) ? found : best;
        }

        return best;
    }

    private Task<CommandResult> AptAsync(CancellationToken token, params string[] arguments) =>
        CommandRunner.RunAsync([.. _apt, .. arguments], token, environment: Quiet);

    private static async Task<CommandResult> RequireAsync(Task<CommandResult> running)
    {
        var result = await running;
        return result.Succeeded ? result : throw NotInstalled($" ({result.Output.Split('\n')[^1].Trim()})");
    }

    private static ProblemException NotInstalled(string detail)
    {
        var how = OperatingSystem.IsMacOS() ? "Install it with 'brew install postgresql@17'"
            : OperatingSystem.IsWindows() ? "Install it from postgresql.org and set PG_BIN to its bin folder"
            : File.Exists("/etc/alpine-release") ? "Install it with 'apk add postgresql'"
            : File.Exists("/etc/redhat-release") ? "Install it with 'dnf install postgresql-server'"
            : "Install it with 'apt-get install postgresql' or the package manager of this system";
        return new ProblemException(
            ErrorCodes.DatabaseNotInstalled,
            $"no PostgreSQL {PostgresBinaries.OldestMajor} or newer was found and it could not be fetched here{detail}. "
            + $"{how}, name its bin folder in PG_BIN, or give a connection string to a server of your own.");
    }
}
