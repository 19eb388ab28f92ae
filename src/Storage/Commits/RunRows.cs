using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using ClinicalGpt.Orleans.Storage.Migrations;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Commits;

/// <summary>The row of a run: reading, locking, and the fence every write passes.</summary>
internal static class RunRows
{
    private const string Columns =
        "run_id, name, recipe, recipe_hash, status, reason, epoch, created_at, updated_at";

    public static async Task<StoredRun?> FindAsync(NpgsqlConnection connection, string runId, CancellationToken token) =>
        (await connection.QueryAsync(
            $"SELECT {Columns} FROM clinicalgpt.runs WHERE run_id = $1", Map, token, runId)).FirstOrDefault();

    public static Task<IReadOnlyList<RunSummary>> ListAsync(NpgsqlConnection connection, int limit, CancellationToken token) =>
        connection.QueryAsync(
            """
            SELECT run_id, name, status, stage, iteration, created_at, updated_at FROM clinicalgpt.runs
            ORDER BY created_at DESC, run_id LIMIT $1
            """,
            r => new RunSummary
            {
                RunId = r.GetString(0),
                Name = r.GetString(1),
                Status = Enum.Parse<RunStatus>(r.GetString(2)),
                Stage = r.GetString(3),
                Iteration = r.GetInt32(4),
                CreatedAt = r.ReadTime(5),
                UpdatedAt = r.ReadTime(6),
            },
            token,
            limit);

    /// <summary>Locks the run for this transaction and checks that the caller is still its activation, and that nobody has
    /// migrated the schema beyond this program since it started.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, string runId, long epoch, CancellationToken token)
    {
        await LockEpochAsync(connection, runId, epoch, token);
        SchemaVersion.RefuseNewer(await SchemaVersion.ReadAsync(connection, token), connection);
    }

    /// <summary>The same without a look at the schema: for the status, which must be written even then.</summary>
    public static async Task LockEpochAsync(NpgsqlConnection connection, string runId, long epoch, CancellationToken token)
    {
        var current = await connection.ScalarAsync<long?>(
            "SELECT epoch FROM clinicalgpt.runs WHERE run_id = $1 FOR UPDATE", token, runId) ?? throw Unknown(runId);
        if (current != epoch)
        {
            throw new ProblemException(
                ErrorCodes.EpochLost,
                $"run '{runId}' was taken up again: its epoch is {current}, this activation's is {epoch}. "
                + "Nothing was written; the newer activation goes on.");
        }
    }

    public static ProblemException Unknown(string runId) => new(
        ErrorCodes.RunUnknown, $"no run has the id '{runId}'. 'clinicalgpt run list' shows those there are.");

    private static StoredRun Map(NpgsqlDataReader r) => new(
        r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), Enum.Parse<RunStatus>(r.GetString(4)),
        r.IsDBNull(5) ? null : r.ReadJson<Problem>(5), r.GetInt64(6), r.ReadTime(7), r.ReadTime(8));
}
