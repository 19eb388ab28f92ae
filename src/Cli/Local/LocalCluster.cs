using System.Diagnostics;
using System.Globalization;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Storage.Embedded;
using ClinicalGpt.Orleans.Storage.Migrations;
using Npgsql;

namespace ClinicalGpt.Orleans.Cli.Local;

/// <summary>What to start.</summary>
/// <param name="Silos">Number of silo processes.</param>
/// <param name="Roles">Roles of each silo; one list stands for all silos.</param>
/// <param name="ConnectionString">A server that is there; null: the embedded one.</param>
/// <param name="ClusterId">The cluster's id.</param>
/// <param name="Settings">Silo settings, <c>Section:Key=value</c>.</param>
internal sealed record UpRequest(
    int Silos, IReadOnlyList<string[]> Roles, string? ConnectionString, string ClusterId, IReadOnlyList<string> Settings);

/// <summary>The cluster of <c>up</c> and <c>down</c>: PostgreSQL and silo processes on this machine.</summary>
internal sealed class LocalCluster(ClinicalGptHome home, TextWriter messages)
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Starts everything and waits until every silo is ready; on failure stops what it started.</summary>
    public async Task<ClusterFile> StartAsync(UpRequest request, CancellationToken cancellationToken)
    {
        home.Create();
        var last = ClusterFile.Load(home);
        var connection = request.ConnectionString ?? (await StartPostgresAsync(home, messages, cancellationToken)).ConnectionString;
        await MigrateAsync(connection, cancellationToken);
        var cluster = new ClusterFile
        {
            ClusterId = request.ClusterId,
            ServiceId = SiloOptions.DefaultId,
            ConnectionString = connection,
            PostgresFolder = request.ConnectionString is null ? home.PostgresFolder : null,
            StartedAt = TimeProvider.System.GetUtcNow(),
        };
        var started = new List<SiloProcess>();
        try
        {
            var ports = new PortPlan(last);
            for (var i = 0; i < request.Silos; i++)
            {
                var process = SiloProcess.Start(Plan(request, i, ports), cluster, request.Settings);
                started.Add(process);
                cluster = cluster with { Silos = [.. started.Select(s => s.Silo)] };
                // Written at once, so that `down` finds the processes whatever becomes of this one.
                cluster.Save(home);
            }

            messages.WriteLine(request.Silos == 1 ? "waiting for the silo" : $"waiting for {request.Silos} silos");
            await Task.WhenAll(started.Select(s => s.WaitReadyAsync(ReadyWithin, cancellationToken)));
            return cluster;
        }
        catch
        {
            await StopAsync(cluster, TimeSpan.FromSeconds(10), CancellationToken.None);
            throw;
        }
    }

    /// <summary>Stops the silos gracefully, those that do not stop in time at once, then the embedded server.</summary>
    /// <returns>Names of silos that had to be killed.</returns>
    public async Task<IReadOnlyList<string>> StopAsync(ClusterFile cluster, TimeSpan patience, CancellationToken cancellationToken)
    {
        var alive = cluster.Silos.Where(s => s.IsAlive()).ToList();
        foreach (var silo in alive)
        {
            ProcessIdentity.Terminate(silo.Pid);
        }

        var since = Stopwatch.StartNew();
        while (alive.Any(s => s.IsAlive()) && since.Elapsed < patience)
        {
            await Task.Delay(Poll, cancellationToken);
        }

        var stubborn = alive.Where(s => s.IsAlive()).ToArray();
        foreach (var silo in stubborn)
        {
            ProcessIdentity.Kill(silo.Pid);
        }

        if (cluster.PostgresFolder is { } folder)
        {
            await EmbeddedPostgres.StopAsync(folder, cancellationToken);
        }

        ClusterFile.Remove(home);
        return [.. stubborn.Select(s => s.Name)];
    }

    /// <summary>Starts the embedded server, or finds it running.</summary>
    public static async Task<EmbeddedPostgres> StartPostgresAsync(ClinicalGptHome home, TextWriter messages, CancellationToken cancellationToken)
    {
        home.Create();
        messages.WriteLine($"starting PostgreSQL in {home.PostgresFolder}");
        return await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = home.PostgresFolder, Log = messages.WriteLine }, cancellationToken);
    }

    /// <summary>Brings the schema up to date.</summary>
    public static async Task<MigrationResult> MigrateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await DatabaseProbe.CheckAsync(connectionString, cancellationToken);
        await using var database = NpgsqlDataSource.Create(connectionString);
        return await new Migrator(database).MigrateAsync(cancellationToken);
    }

    private LocalSilo Plan(UpRequest request, int index, PortPlan ports)
    {
        var name = $"silo-{(index + 1).ToString(CultureInfo.InvariantCulture)}";
        var (silo, gateway, http) = ports.For(name, index);
        var roles = request.Roles[Math.Min(index, request.Roles.Count - 1)];
        return new LocalSilo(name, 0, 0, silo, gateway, http, roles, Path.Combine(home.LogFolder, $"{name}.log"));
    }
}
