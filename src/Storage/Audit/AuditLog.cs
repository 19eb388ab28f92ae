using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;

namespace ClinicalGpt.Orleans.Storage.Audit;

/// <summary>The append-only log of runs in PostgreSQL.</summary>
/// <param name="database">The database, with the policy for when it is away.</param>
public sealed class AuditLog(DatabaseRetry database) : IAuditLog
{
    /// <inheritdoc/>
    public Task AppendAsync(string runId, string kind, string detail, CancellationToken cancellationToken)
    {
        var request = Guid.NewGuid();
        return database.RunAsync(
            (connection, token) => connection.ExecuteAsync(
                """
                INSERT INTO clinicalgpt.events (request, run_id, kind, detail) VALUES ($1, $2, $3, $4)
                ON CONFLICT (request) DO NOTHING
                """,
                token, request, runId, kind, detail),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunEvent>> ReadAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync(
            (connection, token) => connection.QueryAsync(
                "SELECT at, kind, detail FROM clinicalgpt.events WHERE run_id = $1 ORDER BY sequence",
                r => new RunEvent(r.ReadTime(0), r.GetString(1), r.GetString(2)), token, runId),
            cancellationToken);
}
