using ClinicalGpt.Orleans.Client.Connection;
using ClinicalGpt.Orleans.Client.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Serialization;

namespace ClinicalGpt.Orleans.Client;

/// <summary>Registers the client in a host.</summary>
public static class ClinicalGptClientServices
{
    // Streams (export) are polled at half the silos' response timeout of 30 s, so the transport's own timeout must be longer
    // than that; single calls are given up after CallTimeout already.
    private static readonly TimeSpan TransportTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan GatewayRefresh = TimeSpan.FromSeconds(10);

    /// <summary>Adds <see cref="ClinicalGptClient"/> and the cluster connection, which opens when the host starts.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="Abstractions.Errors.ProblemException">CGPT2007: an option is impossible. Starting the host raises CGPT4010,
    /// CGPT4001 or CGPT4014 when no silo, no database or no schema is there.</exception>
    public static IServiceCollection AddClinicalGptClient(
        this IServiceCollection services, Action<ClinicalGptClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ClinicalGptClientOptions();
        configure(options);
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(provider => new ClinicalGptClient(
            provider.GetRequiredService<IClusterClient>(), options, provider.GetRequiredService<TimeProvider>()));
        return services.AddOrleansClient(client => Configure(client, options));
    }

    private static void Configure(IClientBuilder client, ClinicalGptClientOptions options)
    {
        if (options.GatewayPort is { } port)
        {
            client.UseLocalhostClustering(port, options.ServiceId, options.ClusterId);
        }
        else
        {
            client.UseAdoNetClustering((AdoNetClusteringClientOptions database) =>
            {
                database.Invariant = "Npgsql";
                database.ConnectionString = options.ConnectionString!;
            });
        }

        client.Services.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = options.ClusterId;
            cluster.ServiceId = options.ServiceId;
        });
        client.Services.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = GatewayRefresh);
        client.Services.Configure<ClientMessagingOptions>(messages => messages.ResponseTimeout = TransportTimeout);
        client.Services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add("Npgsql"));
        client.Services.AddSingleton<IClientConnectionRetryFilter>(provider =>
            new ConnectRetry(options, provider.GetRequiredService<TimeProvider>()));
    }
}
