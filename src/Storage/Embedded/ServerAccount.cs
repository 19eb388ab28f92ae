using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>The user the server runs as: PostgreSQL refuses root, so root runs it as somebody else.</summary>
internal sealed class ServerAccount
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    private readonly IReadOnlyList<string> _prefix;

    private ServerAccount(string? user, IReadOnlyList<string> prefix)
    {
        User = user;
        _prefix = prefix;
    }

    /// <summary>The other user; null: the user of this process.</summary>
    public string? User { get; }

    /// <summary>Chooses the user: this process's, or for root the owner of existing data, else postgres or nobody.</summary>
    public static async Task<ServerAccount> ChooseAsync(string dataFolder, CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess)
        {
            return new ServerAccount(null, []);
        }

        var users = Candidates.AsEnumerable();
        if (Directory.Exists(dataFolder) && await OwnerAsync(dataFolder, cancellationToken) is { } owner and not "root")
        {
            users = [owner];
        }

        foreach (var user in users)
        {
            foreach (var prefix in WaysToBecome(user))
            {
                if ((await CommandRunner.RunAsync([.. prefix, "true"], cancellationToken)).Succeeded)
                {
                    return new ServerAccount(user, prefix);
                }
            }
        }

        throw new ProblemException(
            ErrorCodes.DatabaseNotInstalled,
            "PostgreSQL does not run as root, and no unprivileged user (postgres, nobody) can be used through setpriv, "
            + "runuser or su. Run as an ordinary user, or give a connection string to a server of your own.");
    }

    /// <summary>Runs a program as this user.</summary>
    public Task<CommandResult> RunAsync(
        IReadOnlyList<string> command, CancellationToken cancellationToken, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null) =>
        CommandRunner.RunAsync([.. _prefix, .. command], cancellationToken, folder, environment);

    /// <summary>Makes a folder and what is in it this user's.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (User is not null)
        {
            var result = await CommandRunner.RunAsync(["chown", "-R", $"{User}:", path], cancellationToken);
            if (!result.Succeeded)
            {
                throw new ProblemException(
                    ErrorCodes.WriteFailed, $"the folder cannot be given to user {User}: {result.Output}", file: path);
            }
        }
    }

    /// <summary>Whether this user can enter and write a folder: a parent such as /root may be closed to it.</summary>
    public async Task<bool> CanWriteAsync(string path, CancellationToken cancellationToken) =>
        User is null
        || (await RunAsync(["sh", "-c", "cd \"$0\" && test -w .", path], cancellationToken)).Succeeded;

    private static IEnumerable<string[]> WaysToBecome(string user)
    {
        yield return ["setpriv", $"--reuid={user}", $"--regid={user}", "--init-groups", "--"];
        yield return ["runuser", "-u", user, "--"];
        yield return ["su", "-s", "/bin/sh", user, "-c", "exec \"$@\"", "--", "sh"];
    }

    private static async Task<string?> OwnerAsync(string path, CancellationToken cancellationToken)
    {
        var result = await CommandRunner.RunAsync(["stat", "-c", "%U", path], cancellationToken);
        return result.Succeeded ? result.Output : null;
    }
}
