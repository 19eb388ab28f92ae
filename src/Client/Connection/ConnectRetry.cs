using ClinicalGpt.Orleans.Abstractions.Errors;
using Npgsql;

namespace ClinicalGpt.Orleans.Client.Connection;

/// <summary>Keeps trying to connect while silos or the database are not there yet, and then says what is missing.</summary>
internal sealed class ConnectRetry(ClinicalGptClientOptions options, TimeProvider time) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private long? _firstFailure;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is PostgresException { SqlState: PostgresErrorCodes.UndefinedTable })
        {
            throw new ProblemException(
                ErrorCodes.SchemaMissing, "the database holds no cluster tables; run `clinicalgpt migrate` or start a silo first.");
        }

        _firstFailure ??= time.GetTimestamp();
        var isOver = time.GetElapsedTime(_firstFailure.Value) + Pause > options.RetryFor;
        if (exception is NpgsqlException database && (isOver || !database.IsTransient))
        {
            throw new ProblemException(
                ErrorCodes.DatabaseUnreachable, $"PostgreSQL does not let the client in: {database.Message}. Check the connection string.");
        }

        if (isOver)
        {
            var place = options.GatewayPort is { } port ? $"gateway port {port} of this machine" : "the silos the database lists";
            throw new ProblemException(
                ErrorCodes.ClusterUnreachable,
                $"no silo of cluster {options.ClusterId} answers at {place} after {options.RetryFor.TotalSeconds:0.#} s; start one with `clinicalgpt up`.");
        }

        await Task.Delay(Pause, time, cancellationToken);
        return true;
    }
}
