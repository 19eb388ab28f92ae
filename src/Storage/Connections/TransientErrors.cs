using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>Which errors pass by themselves.</summary>
internal static class TransientErrors
{
    public static bool Contains(NpgsqlException e) =>
        e is PostgresException server
            ? server.IsTransient || server.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
                or PostgresErrorCodes.IdleSessionTimeout
            : e.IsTransient || e.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException
                or PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown };

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
}
