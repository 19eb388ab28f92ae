using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>What is said of a database that is away or cannot write.</summary>
internal static class DatabaseTrouble
{
    /// <summary>While a call waits. The text stays the same as long as the trouble does.</summary>
    public static Problem Describe(DatabaseAddress address, DateTimeOffset since, NpgsqlException? error)
    {
        var from = since.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";
        return error is not null && TransientErrors.IsUnwritable(error)
            ? new Problem(
                ErrorCodes.DatabaseUnwritable,
                $"waiting: PostgreSQL at {address} cannot write since {from} ({TransientErrors.Describe(error)}). {PutRight(error)} "
                + "The run then goes on by itself; nothing that was committed is lost.")
            : new Problem(
                ErrorCodes.DatabaseUnreachable,
                $"waiting: PostgreSQL at {address} has not answered since {from}{Why(error)}. See to the server and the way to it. "
                + "The run then goes on by itself; nothing that was committed is lost.");
    }

    /// <summary>When a call is given up.</summary>
    public static Problem GiveUp(DatabaseAddress address, NpgsqlException error, TimeSpan elapsed) => TransientErrors.IsUnwritable(error)
        ? new Problem(
            ErrorCodes.DatabaseUnwritable,
            $"PostgreSQL at {address} could not write for {elapsed.TotalSeconds:0} s ({TransientErrors.Describe(error)}). {PutRight(error)} "
            + "Nothing that was committed is lost.")
        : new Problem(
            ErrorCodes.DatabaseUnreachable,
            $"PostgreSQL at {address} has not answered for {elapsed.TotalSeconds:0} s ({TransientErrors.Describe(error)}). "
            + "Check that the server runs and that address and port are right; nothing that was committed is lost.");

    private static string PutRight(NpgsqlException error) => error is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction }
        ? "Make the server writable (default_transaction_read_only, or a standby that took over)."
        : "Free space on the server's disk, or give its files back to it.";

    private static string Why(NpgsqlException? error) => error is null ? "" : $" ({TransientErrors.Describe(error)})";
}
