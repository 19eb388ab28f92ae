using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Silo.Hosting;
using Microsoft.Extensions.Logging.Console;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>A silo as in production, listened to: a span for every device job and every call to the storage ports.</summary>
internal sealed class SiloWorker : IWorker
{
    private readonly WebApplication _silo;
    private readonly ActivityListener _listener;

    private SiloWorker(WebApplication silo, ActivityListener listener) => (_silo, _listener) = (silo, listener);

    /// <summary>Starts the silo.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="roles">Its roles.</param>
    /// <param name="cluster">Cluster and service id.</param>
    /// <param name="connectionString">The database.</param>
    /// <param name="log">Where spans go.</param>
    public static async Task<SiloWorker> StartAsync(string name, string[] roles, string cluster, string connectionString, SpanLog log)
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == DeviceTracing.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStopped = a => log.Add(a.OperationName, a.StartTimeUtc.Ticks, a.StartTimeUtc.Ticks + a.Duration.Ticks),
        };
        ActivitySource.AddActivityListener(listener);
        var ports = FreePorts.Take(3);
        var silo = SiloApplication.Create(
            new SiloOptions
            {
                Name = name,
                Roles = roles,
                ClusterId = cluster,
                ServiceId = cluster,
                SiloPort = ports[0],
                GatewayPort = ports[1],
                HttpPort = ports[2],
                ConnectionString = connectionString,
            },
            builder =>
            {
                Time<IRunStore>(builder.Services, log, "store");
                Time<IBlobStore>(builder.Services, log, "blobs");

                // Standard output belongs to the protocol.
                builder.Logging.ClearProviders();
                builder.Logging.AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
                builder.Logging.AddFilter<ConsoleLoggerProvider>(null, LogLevel.Warning);
                builder.Logging.AddFilter<ConsoleLoggerProvider>("Orleans", LogLevel.Error);
            });
        await SiloApplication.StartAsync(silo, CancellationToken.None);
        return new SiloWorker(silo, listener);
    }

    /// <inheritdoc/>
    public async Task<string> RunAsync(string runId)
    {
        var stored = (await _silo.Services.GetRequiredService<IRunStore>().FindAsync(runId, CancellationToken.None))!;
        var client = new ClinicalGptClient(_silo.Services.GetRequiredService<IClusterClient>());
        var run = await client.StartRunAsync(RecipeJson.Read(stored.RecipeJson), runId);
        var end = await run.WaitAsync();
        return end is { Status: RunStatus.Completed, FinalHash: { } hash }
            ? hash
            : throw new ProblemException(ErrorCodes.RunStateConflict, $"run {runId} ended as {end.Status}: {end.Reason}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await _silo.DisposeAsync();
        _listener.Dispose();
    }

    private static void Time<T>(IServiceCollection services, SpanLog log, string prefix)
        where T : class
    {
        var inner = services.Last(s => s.ServiceType == typeof(T));
        services.AddSingleton(p => TimingProxy<T>.Wrap(
            (T)(inner.ImplementationInstance ?? inner.ImplementationFactory?.Invoke(p) ?? ActivatorUtilities.CreateInstance(p, inner.ImplementationType!)),
            log, prefix));
    }
}
