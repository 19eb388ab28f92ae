using System.Security.Cryptography;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Silo.Hosting;
using ClinicalGpt.Orleans.Storage.Embedded;
using Microsoft.Extensions.Logging.Console;

namespace ClinicalGpt.Orleans.Benchmarks.Runs;

/// <summary>An embedded PostgreSQL and one silo in this process. Runs stay in the folder: an experiment that was interrupted
/// goes on from the last commit.</summary>
internal sealed class LocalSilo : IAsyncDisposable
{
    private readonly EmbeddedPostgres _postgres;
    private readonly WebApplication _silo;

    private LocalSilo(EmbeddedPostgres postgres, WebApplication silo)
    {
        (_postgres, _silo) = (postgres, silo);
        Client = new ClinicalGptClient(silo.Services.GetRequiredService<IClusterClient>());
    }

    public ClinicalGptClient Client { get; }

    public static async Task<LocalSilo> StartAsync(string folder, TextWriter messages, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), Log = messages.WriteLine }, cancellationToken);
        var ports = FreePorts.Take(3);
        var silo = SiloApplication.Create(
            new SiloOptions
            {
                Name = "learning",
                // Another cluster each time, so that no dead member of last time is waited for; the service stays.
                ClusterId = $"learning-{RandomNumberGenerator.GetHexString(8, lowercase: true)}",
                ServiceId = "clinicalgpt-learning",
                SiloPort = ports[0],
                GatewayPort = ports[1],
                HttpPort = ports[2],
                ConnectionString = postgres.ConnectionString,
            },
            builder =>
            {
                // Data goes to standard output; what the silo warns of goes to standard error.
                builder.Logging.ClearProviders();
                builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
                builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.Warning);
                builder.Logging.AddFilter<ConsoleLoggerProvider>("Orleans", LogLevel.Error);
            });
        try
        {
            await SiloApplication.StartAsync(silo, cancellationToken);
            return new LocalSilo(postgres, silo);
        }
        catch
        {
            await silo.DisposeAsync();
            await postgres.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await _silo.DisposeAsync();
        await _postgres.DisposeAsync();
    }
}
