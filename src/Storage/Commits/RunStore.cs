using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Blobs;
using ClinicalGpt.Orleans.Storage.Connections;
using ClinicalGpt.Orleans.Storage.History;
using ClinicalGpt.Orleans.Storage.Ledger;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Commits;

/// <summary>Runs, commits and what they committed, in PostgreSQL. Every write locks the run's row and compares the epoch,
/// so that writes of one run are one after the other and only of its newest activation.</summary>
/// <param name="database">The database, with the policy for when it is away.</param>
public sealed class RunStore(DatabaseRetry database) : IRunStore
{
    /// <inheritdoc/>
    public Task<StoredRun> CreateAsync(
        string runId, string name, string recipeJson, string recipeHash, CancellationToken cancellationToken) =>
        database.RunAsync(
            async (connection, token) =>
            {
                await connection.ExecuteAsync(
                    """
                    INSERT INTO clinicalgpt.runs (run_id, name, recipe, recipe_hash) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (run_id) DO NOTHING
                    """,
                    token, runId, name, Sql.JsonText(recipeJson), recipeHash);
                var run = await RunRows.FindAsync(connection, runId, token) ?? throw RunRows.Unknown(runId);
                return run.RecipeHash == recipeHash
                    ? run
                    : throw new ProblemException(
                        ErrorCodes.RunIdTaken,
                        $"run '{runId}' exists with another recipe (hash {run.RecipeHash}, this one has {recipeHash}). "
                        + "Choose another id, or submit the same recipe to see the run as it stands.",
                        key: "runId");
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<StoredRun?> FindAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => RunRows.FindAsync(c, runId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunSummary>> ListAsync(int limit, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => RunRows.ListAsync(c, Math.Max(limit, 0), token), cancellationToken);

    /// <inheritdoc/>
    public Task<long> AcquireEpochAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync(
            async (connection, token) => await connection.ScalarAsync<long?>(
                """
                UPDATE clinicalgpt.runs SET epoch = epoch + 1, updated_at = clock_timestamp()
                WHERE run_id = $1 RETURNING epoch
                """,
                token, runId) ?? throw RunRows.Unknown(runId),
            cancellationToken);

    /// <inheritdoc/>
    public Task SetStatusAsync(
        string runId, long epoch, RunStatus status, Problem? reason, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async (connection, token) =>
            {
                await RunRows.LockEpochAsync(connection, runId, epoch, token);
                return await connection.ExecuteAsync(
                    "UPDATE clinicalgpt.runs SET status = $2, reason = $3, updated_at = clock_timestamp() WHERE run_id = $1",
                    token, runId, status.ToString(), Sql.Json(reason));
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<Attempt> BeginAttemptAsync(
        string runId, long epoch, string stage, int iteration, CancellationToken cancellationToken)
    {
        var request = Guid.NewGuid();
        return FencedAsync(
            runId,
            epoch,
            (connection, token) => AttemptRows.CountAsync(connection, runId, stage, iteration, request, token),
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task NoteAttemptAsync(
        string runId, long epoch, string stage, int iteration, string doing, CancellationToken cancellationToken) =>
        FencedAsync(
            runId, epoch, (connection, token) => AttemptRows.NoteAsync(connection, runId, stage, iteration, doing, token), cancellationToken);

    /// <inheritdoc/>
    public Task ResetAttemptsAsync(string runId, long epoch, CancellationToken cancellationToken) =>
        FencedAsync(
            runId, epoch, (connection, token) => AttemptRows.ForgetAsync(connection, runId, token), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The iteration's rows exist and are others.</exception>
    public Task IssueAsync(
        string runId, long epoch, int iteration, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken) =>
        FencedAsync(
            runId,
            epoch,
            async (connection, token) =>
            {
                await LedgerRows.IssueAsync(connection, runId, iteration, entries, token);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="ProblemException">CGPT4007: a blob it refers to is not stored; CGPT4008: the epoch is not the
    /// run's; CGPT4005: no such run.</exception>
    /// <exception cref="InvalidOperationException">The iteration is committed with other content, or a PPO sample has no
    /// issued ledger row.</exception>
    public Task CommitAsync(IterationCommit commit, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async (connection, token) =>
            {
                await new CommitTransaction(connection, commit, token).ExecuteAsync();
                await Failpoint.HitAsync(FailpointNames.Commit, commit.Stage, commit.Iteration);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<RunProgress?> GetProgressAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => HistoryRows.ProgressAsync(c, runId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IterationView>> GetIterationsAsync(
        string runId, string? stage, int fromIteration, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => HistoryRows.IterationsAsync(c, runId, stage, fromIteration, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<StepMetrics>> GetStepsAsync(string runId, string stage, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => HistoryRows.StepsAsync(c, runId, stage, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<SampleView>> GetSamplesAsync(
        string runId, SampleQuery query, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => HistoryRows.SamplesAsync(c, runId, query, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<EvaluationResult>> GetEvaluationsAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => HistoryRows.EvaluationsAsync(c, runId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BlobUse>> GetBlobUsesAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => BlobUses.ReadAsync(c, runId, token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LedgerRow>> GetLedgerAsync(string runId, CancellationToken cancellationToken) =>
        database.RunAsync((c, token) => LedgerRows.ReadAsync(c, runId, token), cancellationToken);

    private Task<T> FencedAsync<T>(
        string runId, long epoch, Func<NpgsqlConnection, CancellationToken, Task<T>> write, CancellationToken cancellationToken) =>
        database.InTransactionAsync(
            async (connection, token) =>
            {
                await RunRows.LockAsync(connection, runId, epoch, token);
                return await write(connection, token);
            },
            cancellationToken);
}
