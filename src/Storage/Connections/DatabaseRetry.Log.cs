using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Storage.Connections;

public sealed partial class DatabaseRetry
{
    [LoggerMessage(
        4101, LogLevel.Warning, "PostgreSQL at {Host}:{Port}, database {Database}, cannot be used ({Error}); again in {Seconds} s")]
    private partial void LogRetry(string host, int port, string database, string error, double seconds);

    [LoggerMessage(4102, LogLevel.Information, "PostgreSQL at {Host}:{Port}, database {Database}, answers again")]
    private partial void LogRecovered(string host, int port, string database);
}
