using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>Which errors pass by themselves.</summary>
internal static class TransientErrors
{
    /// <summary>Sources of the server that open, extend and sync its files. What the system refuses them there has the SQL state
    /// of a missing privilege (42501), or, for a quota or a limit on files, none of its own (XX000).</summary>
    private static readonly string[] FileSources = ["fd.c", "md.c", "xlog.c", "slru.c", "copydir.c", "storage.c"];

    public static bool Contains(NpgsqlException e) =>
        IsUnwritable(e) || (e is PostgresException server
            ? server.IsTransient || server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.IdleSessionTimeout
            : e.IsTransient || e.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException
                or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown });

    /// <summary>The server answers, but cannot write: its disk is full or fails, a file is not its own, or it is read-only.</summary>
    public static bool IsUnwritable(NpgsqlException e) => e is PostgresException server
        && (server.SqlState is PostgresErrorCodes.DiskFull or PostgresErrorCodes.IoError or PostgresErrorCodes.ReadOnlySqlTransaction
            || IsFileRefused(server));

    /// <summary>The server answers, but not to this user or for this database.</summary>
    public static bool IsRefusal(PostgresException e) => e.SqlState is PostgresErrorCodes.InvalidPassword
        or PostgresErrorCodes.InvalidAuthorizationSpecification or PostgresErrorCodes.InvalidCatalogName
        or PostgresErrorCodes.InsufficientPrivilege;

    public static string Describe(NpgsqlException e) => e switch
    {
        PostgresException server => $"{server.SqlState}: {server.MessageText}",
        { InnerException: { } inner } => inner.Message,
        _ => e.Message,
    };

    private static bool IsFileRefused(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InternalError && FileSources.Contains(e.File);
}
