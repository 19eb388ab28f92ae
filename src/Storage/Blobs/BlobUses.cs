using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Blobs;

/// <summary>Which blobs a run's commits name.</summary>
internal static class BlobUses
{
    public static Task<IReadOnlyList<BlobUse>> ReadAsync(NpgsqlConnection connection, string runId, CancellationToken token) =>
        connection.QueryAsync(
            """
            SELECT r.stage, r.iteration, r.hash FROM clinicalgpt.blob_references r
            JOIN clinicalgpt.iterations i USING (run_id, stage, iteration)
            WHERE r.run_id = $1 ORDER BY i.sequence, r.hash
            """,
            r => new BlobUse(r.GetString(0), r.GetInt32(1), r.GetString(2)),
            token,
            runId);
}
