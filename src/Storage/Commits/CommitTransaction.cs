using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Commits;

/// <summary>The statements of one iteration commit, inside the caller's transaction: all of it or nothing.</summary>
internal sealed class CommitTransaction(NpgsqlConnection connection, IterationCommit commit, CancellationToken token)
{
    /// <summary>Stage whose samples must have been issued in the ledger.</summary>
    private const string LedgerStage = "ppo";

    public async Task ExecuteAsync()
    {
        await RunRows.LockAsync(connection, commit.RunId, commit.Epoch, token);
        var hash = ContentHash.Of(commit);
        if (await IsCommittedAsync(hash))
        {
            return;
        }

        await RefuseMissingBlobsAsync();
        await InsertIterationAsync(hash);
        await InsertStepsAsync();
        await InsertSamplesAsync();
        await TrainLedgerAsync();
        await InsertEvaluationAsync();
        await ReferBlobsAsync();
        await UpdateRunAsync();
    }

    private async Task<bool> IsCommittedAsync(string hash)
    {
        var stored = await connection.ScalarAsync<string>(
            "SELECT content_hash FROM clinicalgpt.iterations WHERE run_id = $1 AND stage = $2 AND iteration = $3",
            token, commit.RunId, commit.Stage, commit.Iteration);
        return stored is null || stored == hash
            ? stored is not null
            : throw new InvalidOperationException(
                $"{Place} is committed with content {stored}; a second commit has content {hash}");
    }

    private async Task RefuseMissingBlobsAsync()
    {
        string[] wanted = [.. commit.Blobs.Distinct()];
        // The lock keeps the garbage collector away until the references exist.
        var stored = await connection.QueryAsync(
            "SELECT hash FROM clinicalgpt.blobs WHERE hash = ANY($1) ORDER BY hash FOR KEY SHARE",
            r => r.GetString(0), token, (object)wanted);
        var missing = wanted.Except(stored).ToArray();
        if (missing.Length > 0)
        {
            throw new ProblemException(
                ErrorCodes.BlobDamaged,
                $"{Place} refers to {missing.Length} blob(s) that are not stored: {string.Join(", ", missing)}. "
                + "Nothing was committed; the iteration must be repeated.");
        }
    }

    private Task InsertIterationAsync(string hash) => connection.ExecuteAsync(
        """
        INSERT INTO clinicalgpt.iterations (run_id, stage, iteration, epoch, content_hash, metrics, timings, attempts)
        VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce(
            (SELECT attempts FROM clinicalgpt.attempts WHERE run_id = $1 AND stage = $2 AND iteration = $3), 1))
        """,
        token, commit.RunId, commit.Stage, commit.Iteration, commit.Epoch, hash, Sql.Json(commit.Metrics),
        Sql.Json(commit.Timings));

    private async Task InsertStepsAsync()
    {
        if (commit.Steps.Count > 0)
        {
            await connection.ExecuteAsync(
                """
                INSERT INTO clinicalgpt.steps (run_id, stage, iteration, position, step, document)
                SELECT $1, $2, $3, position - 1, step, document
                FROM unnest($4, $5) WITH ORDINALITY AS t (step, document, position)
                """,
                token, commit.RunId, commit.Stage, commit.Iteration, commit.Steps.Select(s => (long)s.Step).ToArray(),
                Sql.JsonArray(commit.Steps));
        }
    }

    private async Task InsertSamplesAsync()
    {
        var samples = commit.Samples;
        if (samples.Count == 0)
        {
            return;
        }

        if (samples.Any(s => s.Iteration != commit.Iteration))
        {
            throw new ArgumentException($"{Place} holds samples of another iteration", nameof(commit));
        }

        await connection.ExecuteAsync(
            """
            INSERT INTO clinicalgpt.samples (run_id, stage, iteration, sample_index, record_id, prompt, response,
                response_tokens, score, reward, kl, finish_reason, seed, temperature, policy_hash, reference_hash,
                reward_hash)
            SELECT $1, $2, $3, * FROM unnest($4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """,
            token, commit.RunId, commit.Stage, commit.Iteration,
            Column(s => s.Index), Column(s => s.RecordId), Sql.JsonArray(samples.Select(s => s.Prompt)),
            Sql.JsonArray(samples.Select(s => s.Response)), Column(s => s.ResponseTokens), Column(s => s.Score),
            Column(s => s.Reward), Column(s => s.Kl), Column(s => s.FinishReason.ToString()), Column(s => (decimal)s.Seed),
            Column(s => s.Temperature), Column(s => s.PolicyHash), Column(s => s.ReferenceHash), Column(s => s.RewardHash));
    }

    /// <summary>Issued becomes trained, once. Both the record and the seed must be those that were issued.</summary>
    private async Task TrainLedgerAsync()
    {
        if (commit.Stage != LedgerStage || commit.Samples.Count == 0)
        {
            return;
        }

        var trained = await connection.ExecuteAsync(
            """
            UPDATE clinicalgpt.ledger l SET trained = true, trained_at = clock_timestamp()
            FROM unnest($3, $4, $5) AS s (sample_index, record_id, seed)
            WHERE l.run_id = $1 AND l.iteration = $2 AND l.sample_index = s.sample_index AND l.record_id = s.record_id
                AND l.seed = s.seed AND NOT l.trained
            """,
            token, commit.RunId, commit.Iteration, Column(s => s.Index), Column(s => s.RecordId),
            Column(s => (decimal)s.Seed));
        if (trained != commit.Samples.Count)
        {
            throw new InvalidOperationException(
                $"{Place}: {commit.Samples.Count - trained} of {commit.Samples.Count} samples have no issued ledger row "
                + "with their index, record and seed");
        }
    }

    private async Task InsertEvaluationAsync()
    {
        if (commit.Evaluation is { } evaluation)
        {
            await connection.ExecuteAsync(
                "INSERT INTO clinicalgpt.evaluations (run_id, stage, iteration, name, document) VALUES ($1, $2, $3, $4, $5)",
                token, commit.RunId, commit.Stage, commit.Iteration, evaluation.Name, Sql.Json(evaluation));
        }
    }

    private Task ReferBlobsAsync() => connection.ExecuteAsync(
        """
        INSERT INTO clinicalgpt.blob_references (run_id, stage, iteration, hash)
        SELECT $1, $2, $3, hash FROM unnest($4) AS t (hash)
        """,
        token, commit.RunId, commit.Stage, commit.Iteration, commit.Blobs.Distinct().ToArray());

    private Task UpdateRunAsync() => connection.ExecuteAsync(
        """
        UPDATE clinicalgpt.runs
        SET progress = $2, stage = $3, iteration = $4, status = coalesce($5::text, status), updated_at = clock_timestamp()
        WHERE run_id = $1
        """,
        token, commit.RunId, Sql.Json(commit.Progress), commit.Stage, commit.Iteration + 1, commit.Status?.ToString());

    private T[] Column<T>(Func<SampleView, T> value) => [.. commit.Samples.Select(value)];

    private string Place => $"run '{commit.RunId}', stage {commit.Stage}, iteration {commit.Iteration}";
}
