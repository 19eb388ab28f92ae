using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Storage.Connections;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Migrations;

/// <summary>The schema's version as the database has it.</summary>
internal static class SchemaVersion
{
    /// <summary>The newest script that was applied.</summary>
    public static Task<int> ReadAsync(NpgsqlConnection connection, CancellationToken token) => connection.ScalarAsync<int>(
        "SELECT coalesce(max(version), 0) FROM clinicalgpt.schema_version", token);

    /// <summary>A newer program's schema is not written to: what this one would leave out is unknown.</summary>
    /// <exception cref="ProblemException">CGPT4003.</exception>
    public static void RefuseNewer(int version, NpgsqlConnection connection)
    {
        if (version > Migrator.CurrentVersion)
        {
            var address = DatabaseAddress.From(connection.ConnectionString);
            throw new ProblemException(
                ErrorCodes.SchemaTooNew,
                $"database {address.Database} at {address.Host}:{address.Port} has schema version {version}; "
                + $"this program knows versions up to {Migrator.CurrentVersion}. Upgrade the program; runs then go on, those that failed with `clinicalgpt run resume`.");
        }
    }
}
