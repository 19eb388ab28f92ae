using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using Npgsql;
using NpgsqlTypes;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>Commands with positional parameters ($1, $2, ...), and documents as json.</summary>
internal static class Sql
{
    public static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
        {
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }

    public static async Task<int> ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken token, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteNonQueryAsync(token);
    }

    public static async Task<T?> ScalarAsync<T>(
        this NpgsqlConnection connection, string sql, CancellationToken token, params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        return await command.ExecuteScalarAsync(token) is T value ? value : default;
    }

    public static async Task<IReadOnlyList<T>> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> map, CancellationToken token,
        params object?[] values)
    {
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(token);
        var rows = new List<T>();
        while (await reader.ReadAsync(token))
        {
            rows.Add(map(reader));
        }

        return rows;
    }

    /// <summary>A document as a json parameter; null becomes NULL.</summary>
    public static NpgsqlParameter Json<T>(T? value)
        where T : class => JsonText(value is null ? null : Write(value));

    public static NpgsqlParameter JsonText(string? json) =>
        new() { Value = (object?)json ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Json };

    public static NpgsqlParameter JsonArray<T>(IEnumerable<T> values) =>
        new() { Value = values.Select(Write).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Json };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, RecipeJson.Options);

    public static T ReadJson<T>(this NpgsqlDataReader reader, int column) =>
        JsonSerializer.Deserialize<T>(reader.GetString(column), RecipeJson.Options)
        ?? throw new InvalidOperationException($"column {reader.GetName(column)} holds no {typeof(T).Name}");

    /// <summary>Times as UTC, which is what timestamptz holds.</summary>
    public static DateTimeOffset ReadTime(this NpgsqlDataReader reader, int column) =>
        new(reader.GetDateTime(column), TimeSpan.Zero);
}
