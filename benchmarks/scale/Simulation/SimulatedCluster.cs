using ClinicalGpt.Orleans.Benchmarks.Scale.Clock;
using ClinicalGpt.Orleans.Client.Connection;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Hosting;
using ClinicalGpt.Orleans.Silo.Hosting;
using ClinicalGpt.Orleans.Storage;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

/// <summary>Silos of one process with the real grains, the real store and simulated devices: one silo for policy, reference
/// and reward model, the others for rollouts.</summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    private SimulatedCluster(InProcessTestCluster cluster, CallTracker calls, VirtualClock clock, SimulationState state, string[] rollouts)
    {
        (_cluster, Calls, Clock, State, Rollouts) = (cluster, calls, clock, state, rollouts);
        Client = new ClinicalGptClient(cluster.Client, new ClinicalGptClientOptions { WatchInterval = TimeSpan.FromMilliseconds(200) });
    }

    public CallTracker Calls { get; }

    public VirtualClock Clock { get; }

    public SimulationState State { get; }

    /// <summary>Names of the rollout silos in the order in which a run takes them.</summary>
    public string[] Rollouts { get; }

    public ClinicalGptClient Client { get; }

    public static async Task<SimulatedCluster> StartAsync(int rollouts, string connectionString)
    {
        var calls = new CallTracker();
        var clock = new VirtualClock(() => calls.Busy);
        calls.Clock = clock;
        var state = new SimulationState();
        var names = new List<string>();
        var builder = new InProcessTestClusterBuilder((short)(rollouts + 1));
        builder.Options.ConfigureFileLogging = false;

        // They hold the same grain classes: nobody need ask all the others for theirs. Roles are in the metadata.
        builder.Options.AssumeHomogenousSilosForTesting = true;
        builder.ConfigureSilo((options, silo) =>
        {
            bool isFirst;
            lock (names)
            {
                isFirst = names.Count == 0;
                names.Add(options.SiloName);
            }

            silo.Services.AddClinicalGptStorage(connectionString);
            silo.Services.AddLogging(l => l.SetMinimumLevel(LogLevel.Error));
            silo.AddMemoryGrainStorageAsDefault();
            silo.UseInMemoryReminderService();
            silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
            // A hundred silos on a few cores answer probes late.
            silo.Configure<ClusterMembershipOptions>(o => o.ProbeTimeout = TimeSpan.FromSeconds(60));
            // Every silo would tell every other its load each second: with 129 of them that is all this process would do, and all it would send.
            silo.Configure<DeploymentLoadPublisherOptions>(o => o.DeploymentLoadPublisherRefreshTime = TimeSpan.FromHours(1));
            silo.AddClinicalGptGrains(d => d.Roles = isFirst ? ["policy", "reference", "reward"] : ["rollout"]);
            Simulate(silo.Services, calls, clock, state);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new SimulatedCluster(cluster, calls, clock, state, [.. names.Skip(1).Order(StringComparer.Ordinal)]);
    }

    /// <summary>A service of the first silo.</summary>
    public T Service<T>()
        where T : notnull => _cluster.GetSiloServiceProvider(_cluster.Silos[0].SiloAddress).GetRequiredService<T>();

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Clock.Dispose();
    }

    private static void Simulate(IServiceCollection services, CallTracker calls, VirtualClock clock, SimulationState state)
    {
        services.AddSingleton(clock);
        services.AddSingleton(state);
        services.AddSingleton<IOutgoingGrainCallFilter>(calls);
        services.AddSingleton<IIncomingGrainCallFilter>(calls);
        services.AddSingleton<IOutgoingGrainCallFilter, MessageSizeGuard>();
        services.AddSingleton<IIncomingGrainCallFilter, MessageSizeGuard>();
        services.AddSingleton<SimulatedInference>();
        services.Replace(ServiceDescriptor.Singleton<IRolloutCompute>(s => s.GetRequiredService<SimulatedInference>()));
        services.Replace(ServiceDescriptor.Singleton<IReferenceCompute>(s => s.GetRequiredService<SimulatedInference>()));
        services.Replace(ServiceDescriptor.Singleton<IRewardCompute>(s => s.GetRequiredService<SimulatedInference>()));
        services.Replace(ServiceDescriptor.Singleton<ITrainingComputeFactory, SimulatedTraining>());
    }
}
