using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Storage;
using Npgsql;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Deletes what interrupted iterations have stored and no commit refers to. Every silo asks, one at a time does it.</summary>
/// <param name="blobs">The store.</param>
/// <param name="options">How often, and from which age on.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">What was deleted.</param>
internal sealed partial class GarbageCollection(
    IBlobStore blobs, SiloOptions options, TimeProvider time, ILogger<GarbageCollection> logger) : BackgroundService
{
    /// <summary>A silo that has just started has more urgent things to do.</summary>
    internal static readonly TimeSpan FirstPass = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.CollectEvery == TimeSpan.Zero)
        {
            return;
        }

        for (var wait = FirstPass; ; wait = options.CollectEvery)
        {
            await Task.Delay(wait, time, stoppingToken);
            await CollectAsync(stoppingToken);
        }
    }

    /// <summary>A pass that fails costs nothing but room: the next one tries again.</summary>
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var deleted = await blobs.CollectGarbageAsync(options.GarbageAge, cancellationToken);
            if (deleted > 0)
            {
                LogDeleted(deleted, options.GarbageAge);
            }
        }
        catch (Exception e) when (e is ProblemException or NpgsqlException)
        {
            LogFailed(e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Deleted {Count} blobs older than {Age} that no commit refers to")]
    private partial void LogDeleted(int count, TimeSpan age);

    [LoggerMessage(2, LogLevel.Warning, "Unreferenced blobs were not deleted: {Error}")]
    private partial void LogFailed(string error);
}
