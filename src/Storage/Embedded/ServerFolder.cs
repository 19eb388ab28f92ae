using System.Security.Cryptography;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>Files of the private server: <c>data/</c>, <c>password</c>, <c>server.log</c>. When the user the server runs
/// as cannot reach the folder (below /root), they live elsewhere and <c>moved-to</c> says where.</summary>
internal sealed class ServerFolder
{
    private const string Redirect = "moved-to";

    private ServerFolder(string path) => Root = path;

    public string Root { get; }

    public string Data => Path.Combine(Root, "data");

    public string LogFile => Path.Combine(Root, "server.log");

    public string PasswordFile => Path.Combine(Root, "password");

    /// <summary>The folder as it is, after a move if there was one.</summary>
    public static ServerFolder Find(string requested)
    {
        var redirect = Path.Combine(requested, Redirect);
        return new ServerFolder(File.Exists(redirect) ? File.ReadAllText(redirect).Trim() : requested);
    }

    /// <summary>Makes the folder usable for the server's user, moving to another place when it must.</summary>
    public static async Task<ServerFolder> PrepareAsync(
        string requested, ServerAccount account, Action<string> log, CancellationToken cancellationToken)
    {
        var folder = Find(requested);
        if (await folder.TryOwnAsync(account, cancellationToken))
        {
            return folder;
        }

        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requested)))[..16];
        foreach (var parent in new[] { "/var/lib/clinicalgpt", Path.Combine(Path.GetTempPath(), "clinicalgpt") })
        {
            var other = new ServerFolder(Path.Combine(parent, name));
            if (await other.TryOwnAsync(account, cancellationToken))
            {
                await File.WriteAllTextAsync(Path.Combine(requested, Redirect), other.Root, cancellationToken);
                log($"{requested} cannot be reached by user {account.User}; the database is kept in {other.Root}");
                return other;
            }
        }

        throw new ProblemException(
            ErrorCodes.WriteFailed,
            $"user {account.User}, as which PostgreSQL must run, cannot reach the folder. Choose one outside /root.",
            file: requested);
    }

    /// <summary>The server's password, made at the first start.</summary>
    public async Task<string> PasswordAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(PasswordFile))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            await using var writer = new StreamWriter(PasswordFile, options);
            await writer.WriteAsync(RandomNumberGenerator.GetHexString(48, lowercase: true));
        }

        return (await File.ReadAllTextAsync(PasswordFile, cancellationToken)).Trim();
    }

    private async Task<bool> TryOwnAsync(ServerAccount account, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Root);
            if (account.User is not null && !Directory.Exists(Data))
            {
                await account.OwnAsync(Root, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        return await account.CanWriteAsync(Root, cancellationToken);
    }
}
