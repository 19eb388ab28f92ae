using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>Runs work on a connection and repeats it while the database is away. Work must be idempotent: when a
/// connection breaks during a commit, nobody knows whether the commit happened, and the work is done again.</summary>
public sealed partial class DatabaseRetry : IStorageHealth
{
    private readonly NpgsqlDataSource _dataSource;
    private readonly DatabaseRetryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DatabaseAddress _address;
    private readonly WaitingCalls _calls;
    private long _unavailableSince;

    /// <summary>Makes the policy for one database.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="options">Delays; null: the defaults.</param>
    /// <param name="time">Clock of the delays; null: the system's.</param>
    /// <param name="logger">Gets a warning per failed try; null: none.</param>
    public DatabaseRetry(
        NpgsqlDataSource dataSource, DatabaseRetryOptions? options = null, TimeProvider? time = null,
        ILogger<DatabaseRetry>? logger = null)
    {
        _dataSource = dataSource;
        _options = options ?? new DatabaseRetryOptions();
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<DatabaseRetry>.Instance;
        _address = DatabaseAddress.From(dataSource.ConnectionString);
        _calls = new WaitingCalls(_time, _options.SlowAfter);
    }

    /// <summary>Since when the database has not answered; null while it does.</summary>
    public DateTimeOffset? UnavailableSince =>
        Interlocked.Read(ref _unavailableSince) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <inheritdoc/>
    public Problem? FindTrouble()
    {
        if (_calls.IsQuiet)
        {
            // Somebody wants to know and nobody has asked the database: what it answers, the next look tells.
            _ = AskAsync();
        }

        return _calls.LongestWaiting() is { } waiting ? DatabaseTrouble.Describe(_address, waiting.Since, waiting.Error) : null;
    }

    /// <summary>Runs work on an open connection, again after a transient error.</summary>
    /// <typeparam name="T">What the work returns.</typeparam>
    /// <param name="work">Idempotent work.</param>
    /// <param name="cancellationToken">Cancels the work and the waiting.</param>
    /// <exception cref="ProblemException">CGPT4001: the database was away for longer than
    /// <see cref="DatabaseRetryOptions.GiveUpAfter"/>, or refuses the user or the database name. CGPT4015: it could not write
    /// for as long.</exception>
    public async Task<T> RunAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var delay = _options.FirstDelay;
        long? firstFailure = null;
        using var call = _calls.Begin();
        while (true)
        {
            try
            {
                await using var connection = await _dataSource.OpenConnectionAsync(cancellationToken);
                var result = await work(connection, cancellationToken);
                MarkAvailable();
                call.Succeeded();
                return result;
            }
            catch (NpgsqlException e) when (TransientErrors.Contains(e))
            {
                cancellationToken.ThrowIfCancellationRequested();
                firstFailure ??= _time.GetTimestamp();
                call.Failed(e);
                if (!TransientErrors.IsUnwritable(e))
                {
                    Interlocked.CompareExchange(ref _unavailableSince, _time.GetUtcNow().UtcTicks, 0);
                }

                var elapsed = _time.GetElapsedTime(firstFailure.Value);
                if (elapsed + delay > _options.GiveUpAfter)
                {
                    throw new ProblemException([DatabaseTrouble.GiveUp(_address, e, elapsed)]);
                }

                LogRetry(_address.Host, _address.Port, _address.Database, TransientErrors.Describe(e), delay.TotalSeconds);
            }
            catch (PostgresException e) when (TransientErrors.IsRefusal(e))
            {
                throw Refused(e);
            }

            await Task.Delay(delay, _time, cancellationToken);
            delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, _options.MaxDelay.Ticks));
        }
    }

    /// <summary>Runs work in a transaction that is committed when the work returns.</summary>
    /// <typeparam name="T">What the work returns.</typeparam>
    /// <param name="work">Idempotent work.</param>
    /// <param name="cancellationToken">Cancels the work and the waiting.</param>
    public Task<T> InTransactionAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(
            async (connection, token) =>
            {
                await using var transaction = await connection.BeginTransactionAsync(token);
                var result = await work(connection, token);
                await transaction.CommitAsync(token);
                return result;
            },
            cancellationToken);

    private async Task AskAsync()
    {
        try
        {
            await RunAsync(
                async (connection, token) =>
                {
                    await using var command = new NpgsqlCommand("SELECT 1", connection);
                    return await command.ExecuteScalarAsync(token);
                },
                CancellationToken.None);
        }
        catch (Exception e) when (e is ProblemException or NpgsqlException or ObjectDisposedException)
        {
            // Not hidden: every try was logged, and shown by FindTrouble while it lasted.
        }
    }

    private void MarkAvailable()
    {
        if (Interlocked.Exchange(ref _unavailableSince, 0) > 0)
        {
            LogRecovered(_address.Host, _address.Port, _address.Database);
        }
    }

    private ProblemException Refused(PostgresException e) => new(
        ErrorCodes.DatabaseUnreachable,
        $"PostgreSQL at {_address} refuses user '{_address.User}' ({e.SqlState}: {e.MessageText}). "
        + "Check user, password and database name of the connection string.");
}
