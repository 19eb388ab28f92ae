using ClinicalGpt.Orleans.Client.Connection;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Grains.Hosting;
using ClinicalGpt.Orleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace ClinicalGpt.Orleans.Grains.Tests.Hosting;

/// <summary>Two silos in this process with the real grains and the real stores; Orleans' own state is in memory.</summary>
public sealed class GrainCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private GrainCluster(InProcessTestCluster cluster) => _cluster = cluster;

    public ClinicalGptClient Client { get; private set; } = null!;

    public IGrainFactory Grains => _cluster.Client;

    public static async Task<GrainCluster> StartAsync(string connectionString, short silos = 2, long memoryBytes = 1L << 30)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddClinicalGptStorage(connectionString);
            silo.AddMemoryGrainStorageAsDefault();
            silo.UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
            silo.AddClinicalGptGrains(device => device.MemoryBytes = memoryBytes);
        });
        var cluster = new GrainCluster(builder.Build());
        await cluster._cluster.DeployAsync();
        cluster.Client = new ClinicalGptClient(cluster._cluster.Client, new ClinicalGptClientOptions
        {
            WatchInterval = TimeSpan.FromMilliseconds(10),
            RetryFor = TimeSpan.FromSeconds(5),
        });
        return cluster;
    }

    /// <summary>A service of the first silo.</summary>
    public T Service<T>()
        where T : notnull => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress).GetRequiredService<T>();

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();
}
