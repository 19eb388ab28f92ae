using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;
using Npgsql;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Asks whether PostgreSQL answers, and says in one line why not.</summary>
public static class DatabaseProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Opens a connection and asks for nothing.</summary>
    /// <param name="connectionString">Where; its password appears in no message.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProblemException">CGPT4001: no answer within five seconds, or the log-in is refused;
    /// CGPT2007: not a connection string.</exception>
    public static async Task CheckAsync(string connectionString, CancellationToken cancellationToken)
    {
        var where = Parse(connectionString);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync(deadline.Token);
            await using var command = new NpgsqlCommand("SELECT 1", connection);
            await command.ExecuteScalarAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable(where, $"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
        {
            throw Unreachable(where, FirstLine(e.InnerException?.Message ?? e.Message));
        }
    }

    /// <summary>Reads a connection string.</summary>
    /// <param name="connectionString">The text.</param>
    /// <exception cref="ProblemException">CGPT2007: not a connection string.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // The text itself may hold a password: it is not repeated.
            throw new ProblemException(
                ErrorCodes.SettingInvalid,
                "is not a PostgreSQL connection string; write it like 'Host=127.0.0.1;Port=5432;Database=clinicalgpt;Username=clinicalgpt'",
                key: "Storage:ConnectionString");
        }
    }

    private static ProblemException Unreachable(NpgsqlConnectionStringBuilder where, string why) => new(
        ErrorCodes.DatabaseUnreachable,
        $"PostgreSQL at {where.Host}:{where.Port}, database '{where.Database}', cannot be used: {why}. "
        + "Start the server (clinicalgpt up starts one of its own), or correct the connection string.");

    private static string FirstLine(string text) => text.Split('\n')[0].Trim().TrimEnd('.');
}
