using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Commits;

/// <summary>Attempts at iterations, counted before their work begins.</summary>
internal static class AttemptRows
{
    /// <summary>Counts one; a repeated request (the first one's answer was lost) is not counted again.</summary>
    public static async Task<Attempt> CountAsync(
        NpgsqlConnection connection, string runId, string stage, int iteration, Guid request, CancellationToken token) =>
        (await connection.QueryAsync(
            """
            INSERT INTO clinicalgpt.attempts AS a (run_id, stage, iteration, attempts, request)
            VALUES ($1, $2, $3, 1, $4)
            ON CONFLICT (run_id, stage, iteration) DO UPDATE
                SET attempts = a.attempts + (CASE WHEN a.request = excluded.request THEN 0 ELSE 1 END),
                    request = excluded.request
            RETURNING attempts, doing
            """,
            r => new Attempt(r.GetInt32(0), r.GetString(1)), token, runId, stage, iteration, request))[0];

    /// <summary>What the attempt is about to do.</summary>
    public static Task<int> NoteAsync(
        NpgsqlConnection connection, string runId, string stage, int iteration, string doing, CancellationToken token) =>
        connection.ExecuteAsync(
            "UPDATE clinicalgpt.attempts SET doing = $4 WHERE run_id = $1 AND stage = $2 AND iteration = $3",
            token, runId, stage, iteration, doing);

    public static Task<int> ForgetAsync(NpgsqlConnection connection, string runId, CancellationToken token) =>
        connection.ExecuteAsync("DELETE FROM clinicalgpt.attempts WHERE run_id = $1", token, runId);
}
