using System.Net;
using global::Orleans.Configuration;
using global::Orleans.Serialization;
using global::Orleans.Storage;
using ClinicalGpt.Orleans.Grains.Hosting;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>How Orleans is set up: durable parts on PostgreSQL, liveness tuned so that a killed silo is noticed within
/// seconds, limits that fail loudly.</summary>
internal static class OrleansSetup
{
    private const string Invariant = "Npgsql";

    public static void Configure(ISiloBuilder silo, SiloOptions options)
    {
        silo.Configure<global::Orleans.Configuration.SiloOptions>(o => o.SiloName = options.Name);
        AddMembership(silo, options);
        AddDurability(silo, options);
        Tune(silo);
        silo.Services.AddSingleton<global::Orleans.IOutgoingGrainCallFilter, MessageSizeGuard>();
        silo.Services.AddSingleton<global::Orleans.IIncomingGrainCallFilter, MessageSizeGuard>();
        silo.AddClinicalGptGrains(device =>
        {
            device.Roles = [.. options.Roles];
            device.Device = options.Device.Kind;
            device.MemoryBytes = options.Device.MemoryBytes;
            device.CallDeadline = options.Device.CallDeadline;
        });
    }

    private static void AddMembership(ISiloBuilder silo, SiloOptions options)
    {
        if (options.Clustering == "localhost")
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, null, options.ServiceId, options.ClusterId);
            return;
        }

        silo.Configure<ClusterOptions>(o =>
        {
            o.ClusterId = options.ClusterId;
            o.ServiceId = options.ServiceId;
        });
        silo.UseAdoNetClustering(o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = options.ConnectionString;
        });
        silo.Configure<EndpointOptions>(o =>
        {
            var bind = IPAddress.Parse(options.BindAddress);
            o.AdvertisedIPAddress = IPAddress.Parse(options.EffectiveAddress);
            o.SiloPort = options.SiloPort;
            o.GatewayPort = options.GatewayPort;
            o.SiloListeningEndpoint = new IPEndPoint(bind, options.SiloPort);
            o.GatewayListeningEndpoint = new IPEndPoint(bind, options.GatewayPort);
        });
    }

    private static void AddDurability(ISiloBuilder silo, SiloOptions options)
    {
        silo.AddAdoNetGrainStorageAsDefault(builder => builder.Configure<Serializer>((o, serializer) =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = options.ConnectionString;
            o.GrainStorageSerializer = new OrleansGrainStorageSerializer(serializer);
        }));
        silo.UseAdoNetReminderService(o =>
        {
            o.Invariant = Invariant;
            o.ConnectionString = options.ConnectionString;
        });
        silo.Configure<ReminderOptions>(o => o.MinimumReminderPeriod = TimeSpan.FromSeconds(5));
    }

    private static void Tune(ISiloBuilder silo)
    {
        // The default directory ends living grains whose entry was on a silo that leaves or dies (docs/adr/0007).
#pragma warning disable ORLEANSEXP003 // The only directory in the packages that does not.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Configure<ClusterMembershipOptions>(o =>
        {
            // A killed silo is declared dead after about 2.5 s; a cluster that died as a whole restarts within 20 s.
            o.ProbeTimeout = TimeSpan.FromSeconds(2);
            o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        });
        silo.Configure<ConnectionOptions>(o => o.ConnectionsPerEndpoint = 4);
        silo.Configure<SiloMessagingOptions>(o =>
        {
            o.CancelRequestOnTimeout = true;
            o.MaxEnqueuedRequestsHardLimit = 1000;
        });
        silo.Configure<GrainCollectionOptions>(o =>
        {
            o.ActivationTimeout = TimeSpan.FromMinutes(2);
            o.DeactivationTimeout = TimeSpan.FromMinutes(2);
        });
        silo.Configure<ExceptionSerializationOptions>(o => o.SupportedNamespacePrefixes.Add("Npgsql"));
    }
}
