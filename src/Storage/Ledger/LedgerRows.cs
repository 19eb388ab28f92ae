using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Ledger;

/// <summary>Which prompts were given out, and which of them were trained.</summary>
internal static class LedgerRows
{
    /// <summary>Writes the rows of an iteration as issued; when there are some, they must be these.</summary>
    public static async Task IssueAsync(
        NpgsqlConnection connection, string runId, int iteration, IReadOnlyList<LedgerEntry> entries, CancellationToken token)
    {
        var wanted = entries.OrderBy(e => e.Index).ToArray();
        var issued = await connection.QueryAsync(
            """
            SELECT sample_index, record_id, seed FROM clinicalgpt.ledger
            WHERE run_id = $1 AND iteration = $2 ORDER BY sample_index
            """,
            r => new LedgerEntry(r.GetInt32(0), r.GetString(1), (ulong)r.GetDecimal(2)), token, runId, iteration);
        if (issued.Count > 0)
        {
            if (!issued.SequenceEqual(wanted))
            {
                throw new InvalidOperationException(
                    $"run '{runId}', iteration {iteration}: {issued.Count} prompts are issued already, and they are not "
                    + $"the {wanted.Length} to be issued now; the order of prompts must depend on the run's seed alone");
            }

            return;
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO clinicalgpt.ledger (run_id, iteration, sample_index, record_id, seed)
            SELECT $1, $2, * FROM unnest($3, $4, $5)
            """,
            token, runId, iteration, wanted.Select(e => e.Index).ToArray(), wanted.Select(e => e.RecordId).ToArray(),
            wanted.Select(e => (decimal)e.Seed).ToArray());
    }

    public static Task<IReadOnlyList<LedgerRow>> ReadAsync(NpgsqlConnection connection, string runId, CancellationToken token) =>
        connection.QueryAsync(
            """
            SELECT iteration, sample_index, record_id, seed, trained FROM clinicalgpt.ledger
            WHERE run_id = $1 ORDER BY iteration, sample_index
            """,
            r => new LedgerRow(r.GetInt32(0), r.GetInt32(1), r.GetString(2), (ulong)r.GetDecimal(3), r.GetBoolean(4)),
            token,
            runId);
}
