using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Migrations;

/// <summary>Brings the schema to this program's version: the tables of Orleans in the default schema, our own in the
/// schema <c>clinicalgpt</c>. Several processes may migrate at once; one does, the others wait.</summary>
/// <param name="dataSource">The database; its user must own the schema.</param>
/// <param name="retry">How to wait for a database that is away; null: the default policy.</param>
public sealed class Migrator(NpgsqlDataSource dataSource, DatabaseRetry? retry = null)
{
    /// <summary>Key of the advisory lock: "clinGPT" as a number.</summary>
    private const long LockKey = 0x636c696e475054;

    private readonly DatabaseRetry _retry = retry ?? new DatabaseRetry(dataSource);

    /// <summary>Schema version this program works with.</summary>
    public static int CurrentVersion => MigrationScript.All.Count;

    /// <summary>Applies what is missing, each script in a transaction of its own. Doing it again does nothing.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT4003: the schema is newer; CGPT2007: the database belongs to another
    /// Orleans application.</exception>
    public Task<MigrationResult> MigrateAsync(CancellationToken cancellationToken) =>
        _retry.RunAsync(MigrateLockedAsync, cancellationToken);

    /// <summary>Checks that the schema is this program's.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT4014: missing or older; CGPT4003: newer.</exception>
    public async Task EnsureCurrentAsync(CancellationToken cancellationToken)
    {
        var version = await _retry.RunAsync(
            async (connection, token) =>
            {
                var found = await ReadVersionAsync(connection, token);
                SchemaVersion.RefuseNewer(found, connection);
                return found;
            },
            cancellationToken);
        if (version < CurrentVersion)
        {
            var found = version == 0 ? "has no schema yet" : $"has schema version {version}";
            throw new ProblemException(
                ErrorCodes.SchemaMissing,
                $"database {Address.Database} at {Address.Host}:{Address.Port} {found}; "
                + $"this program needs version {CurrentVersion}. Run 'clinicalgpt migrate'.");
        }
    }

    private DatabaseAddress Address => DatabaseAddress.From(dataSource.ConnectionString);

    private async Task<MigrationResult> MigrateLockedAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", token);
        try
        {
            var from = await ReadVersionAsync(connection, token);
            SchemaVersion.RefuseNewer(from, connection);
            if (from == 0)
            {
                await RefuseForeignTablesAsync(connection, token);
            }

            var missing = MigrationScript.All.Where(s => s.Version > from).ToArray();
            foreach (var script in missing)
            {
                await ApplyAsync(connection, script, token);
            }

            return new MigrationResult(from, CurrentVersion, [.. missing.Select(s => s.Name)]);
        }
        finally
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey})", CancellationToken.None);
            }
        }
    }

    private static async Task ApplyAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken token)
    {
        await using var transaction = await connection.BeginTransactionAsync(token);
        await ExecuteAsync(
            connection,
            """
            CREATE SCHEMA IF NOT EXISTS clinicalgpt;
            CREATE TABLE IF NOT EXISTS clinicalgpt.schema_version (
                version    integer     NOT NULL PRIMARY KEY,
                name       text        NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT clock_timestamp());
            """,
            token);
        await ExecuteAsync(connection, script.Sql, token);
        await using (var command = new NpgsqlCommand(
            "INSERT INTO clinicalgpt.schema_version (version, name) VALUES ($1, $2)", connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = script.Version });
            command.Parameters.Add(new NpgsqlParameter { Value = script.Name });
            await command.ExecuteNonQueryAsync(token);
        }

        await transaction.CommitAsync(token);
    }

    private static async Task<int> ReadVersionAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await using var exists = new NpgsqlCommand("SELECT to_regclass('clinicalgpt.schema_version') IS NOT NULL", connection);
        if (!(bool)(await exists.ExecuteScalarAsync(token))!)
        {
            return 0;
        }

        return await SchemaVersion.ReadAsync(connection, token);
    }

    private async Task RefuseForeignTablesAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await using var command = new NpgsqlCommand("SELECT to_regclass('orleansquery') IS NOT NULL", connection);
        if ((bool)(await command.ExecuteScalarAsync(token))!)
        {
            throw new ProblemException(
                ErrorCodes.SettingInvalid,
                $"database {Address.Database} at {Address.Host}:{Address.Port} already holds the tables of another Orleans "
                + "application (OrleansQuery). Give this cluster a database of its own.");
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken token)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(token);
    }
}
