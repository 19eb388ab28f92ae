using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.History;

/// <summary>Reads what was committed.</summary>
internal static class HistoryRows
{
    public static async Task<RunProgress?> ProgressAsync(NpgsqlConnection connection, string runId, CancellationToken token)
    {
        var json = await connection.ScalarAsync<string>(
            "SELECT progress FROM clinicalgpt.runs WHERE run_id = $1", token, runId);
        return json is null
            ? null
            : JsonSerializer.Deserialize<RunProgress>(json, Abstractions.Recipes.RecipeJson.Options);
    }

    public static Task<IReadOnlyList<IterationView>> IterationsAsync(
        NpgsqlConnection connection, string runId, string? stage, int fromIteration, CancellationToken token) =>
        connection.QueryAsync(
            """
            SELECT stage, iteration, metrics, timings, committed_at, attempts FROM clinicalgpt.iterations
            WHERE run_id = $1 AND ($2::text IS NULL OR stage = $2) AND iteration >= $3 ORDER BY sequence
            """,
            r => new IterationView
            {
                Stage = r.GetString(0),
                Iteration = r.GetInt32(1),
                Metrics = r.ReadJson<Dictionary<string, double>>(2),
                Timings = r.ReadJson<Dictionary<string, double>>(3),
                CommittedAt = r.ReadTime(4),
                Attempts = r.GetInt32(5),
            },
            token, runId, stage, fromIteration);

    public static Task<IReadOnlyList<StepMetrics>> StepsAsync(
        NpgsqlConnection connection, string runId, string stage, CancellationToken token) =>
        connection.QueryAsync(
            "SELECT document FROM clinicalgpt.steps WHERE run_id = $1 AND stage = $2 ORDER BY iteration, position",
            r => r.ReadJson<StepMetrics>(0), token, runId, stage);

    public static Task<IReadOnlyList<EvaluationResult>> EvaluationsAsync(
        NpgsqlConnection connection, string runId, CancellationToken token) =>
        connection.QueryAsync(
            """
            SELECT e.document FROM clinicalgpt.evaluations e JOIN clinicalgpt.iterations i USING (run_id, stage, iteration)
            WHERE e.run_id = $1 ORDER BY i.sequence
            """,
            r => r.ReadJson<EvaluationResult>(0), token, runId);

    public static Task<IReadOnlyList<SampleView>> SamplesAsync(
        NpgsqlConnection connection, string runId, SampleQuery query, CancellationToken token) =>
        connection.QueryAsync(
            $"""
            SELECT iteration, sample_index, record_id, prompt, response, response_tokens, score, reward, kl, finish_reason,
                seed, temperature, policy_hash, reference_hash, reward_hash
            FROM clinicalgpt.samples
            WHERE run_id = $1 AND iteration >= $2 AND iteration <= $3
            ORDER BY iteration {(query.NewestFirst ? "DESC" : "ASC")}, sample_index, stage LIMIT $4 OFFSET $5
            """,
            MapSample,
            token, runId, query.FromIteration, query.ToIteration ?? int.MaxValue, Math.Clamp(query.Limit, 1, 1000),
            Math.Max(query.Offset, 0));

    private static SampleView MapSample(NpgsqlDataReader r) => new()
    {
        Iteration = r.GetInt32(0),
        Index = r.GetInt32(1),
        RecordId = r.GetString(2),
        Prompt = r.ReadJson<string>(3),
        Response = r.ReadJson<string>(4),
        ResponseTokens = r.GetInt32(5),
        Score = r.GetDouble(6),
        Reward = r.GetDouble(7),
        Kl = r.GetDouble(8),
        FinishReason = Enum.Parse<FinishReason>(r.GetString(9)),
        Seed = (ulong)r.GetDecimal(10),
        Temperature = r.GetDouble(11),
        PolicyHash = r.GetString(12),
        ReferenceHash = r.GetString(13),
        RewardHash = r.GetString(14),
    };
}
