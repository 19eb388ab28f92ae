using System.Security.Cryptography;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Storage.Embedded;

namespace ClinicalGpt.Orleans.Cli.Demo;

/// <summary>PostgreSQL, one silo and a client in this process. Named in cluster.json while it lives, so that the other
/// commands reach it from another terminal.</summary>
internal sealed class DemoCluster : IAsyncDisposable
{
    private readonly ClinicalGptHome _home;
    private readonly WebApplication _silo;
    private readonly ClusterFile _file;

    private DemoCluster(ClinicalGptHome home, WebApplication silo, ClusterFile file)
    {
        _home = home;
        _silo = silo;
        _file = file;
        Client = new ClinicalGptClient(silo.Services.GetRequiredService<IClusterClient>());
    }

    public ClinicalGptClient Client { get; }

    public static async Task<DemoCluster> StartAsync(ClinicalGptHome home, string? connection, TextWriter messages, CancellationToken cancellationToken)
    {
        var log = Path.Combine(home.LogFolder, "demo.log");
        home.Create();
        var server = connection is null ? await LocalCluster.StartPostgresAsync(home, messages, cancellationToken) : null;
        var (silo, gateway, http) = new PortPlan(null).For("demo", 0);
        // A cluster id of its own each time: there is nobody to meet, and no dead member of last time to wait out.
        var options = new SiloOptions
        {
            Name = "demo",
            ClusterId = $"demo-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
            ServiceId = "clinicalgpt-demo",
            SiloPort = silo,
            GatewayPort = gateway,
            HttpPort = http,
            ConnectionString = connection ?? server!.ConnectionString,
        };
        var file = new ClusterFile
        {
            ClusterId = options.ClusterId,
            ServiceId = options.ServiceId,
            ConnectionString = connection ?? server!.ConnectionString,
            // A server that was running before is left running.
            PostgresFolder = server is { WasStarted: true } ? home.PostgresFolder : null,
            StartedAt = TimeProvider.System.GetUtcNow(),
            Silos =
            [
                new LocalSilo(
                    "demo", Environment.ProcessId, ProcessIdentity.StartMark(Environment.ProcessId) ?? 0, silo, gateway, http,
                    [.. options.Roles], log),
            ],
        };
        messages.WriteLine("starting a silo in this process");
        var application = SiloApplication.Create(options, builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(new FileLog(log));
        });
        try
        {
            await SiloApplication.StartAsync(application, cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            if (file.PostgresFolder is { } folder)
            {
                await EmbeddedPostgres.StopAsync(folder, CancellationToken.None);
            }

            throw;
        }

        file.Save(home);
        return new DemoCluster(home, application, file);
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await _silo.DisposeAsync();
        if (_file.PostgresFolder is { } folder)
        {
            await EmbeddedPostgres.StopAsync(folder, CancellationToken.None);
        }

        ClusterFile.Remove(_home);
    }
}
