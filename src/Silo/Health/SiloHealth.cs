using ClinicalGpt.Orleans.Grains.Draining;
using ClinicalGpt.Orleans.Silo.Hosting;
using Npgsql;

namespace ClinicalGpt.Orleans.Silo.Health;

/// <summary>What <c>/health/ready</c> answers.</summary>
/// <param name="Ready">Whether the silo takes work.</param>
/// <param name="Silo">Its name.</param>
/// <param name="Membership">Its state in the cluster as it sees it, for example <c>Active</c>.</param>
/// <param name="Stopping">Whether it is on its way out: drained, or told to stop.</param>
/// <param name="Database">Whether PostgreSQL answered within two seconds.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Device">Its device.</param>
public sealed record Readiness(
    bool Ready, string Silo, string Membership, bool Stopping, bool Database, IReadOnlyList<string> Roles, string Device);

/// <summary><c>/health/live</c>: the process answers, nothing else is asked, so that a database outage never restarts silos.
/// <c>/health/ready</c>: the silo is an active member, is not stopping, and reaches the database.</summary>
public static class SiloHealth
{
    private static readonly TimeSpan DatabasePatience = TimeSpan.FromSeconds(2);

    /// <summary>Maps both endpoints.</summary>
    /// <param name="routes">The application.</param>
    public static IEndpointRouteBuilder MapSiloHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", () => TypedResults.Text("live"));
        routes.MapGet("/health/ready", AnswerReadyAsync);
        return routes;
    }

    private static async Task<IResult> AnswerReadyAsync(
        SiloOptions options, ISiloStatusOracle oracle, IHostApplicationLifetime lifetime, SiloDrain drain, NpgsqlDataSource database,
        CancellationToken cancellationToken)
    {
        var status = oracle.CurrentStatus;
        var stopping = lifetime.ApplicationStopping.IsCancellationRequested || drain.IsDraining;
        var reachable = await AnswersAsync(database, cancellationToken);
        var ready = status == SiloStatus.Active && !stopping && reachable;
        var answer = new Readiness(
            ready, options.Name, status.ToString(), stopping, reachable, options.Roles, options.Device.Kind);
        return TypedResults.Json(answer, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> AnswersAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(DatabasePatience);
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(deadline.Token);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
