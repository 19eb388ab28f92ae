using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Draining;

/// <summary>Drains this silo: tells the others, moves its runs, waits for what it holds, and ends its process gracefully.</summary>
/// <param name="drain">What is held.</param>
/// <param name="device">The device; it must be idle.</param>
/// <param name="silos">The others.</param>
/// <param name="silo">This silo.</param>
/// <param name="grains">For telling the others, and for waking moved runs.</param>
/// <param name="lifetime">Ends the process.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where each step is reported.</param>
public sealed partial class DrainCoordinator(
    SiloDrain drain, DeviceHost device, SiloRoles silos, ILocalSiloDetails silo, IGrainFactory grains,
    IHostApplicationLifetime lifetime, TimeProvider time, ILogger<DrainCoordinator> log)
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);
    private readonly Lock _lock = new();
    private Task? _draining;

    /// <summary>Begins to drain; a second call changes nothing.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _draining ??= Task.Run(DrainAsync);
        }
    }

    private bool IsIdle => drain.Held.Length == 0 && !drain.HasWorkers && device.Executor is { Current: null, QueueLength: 0 };

    private async Task DrainAsync()
    {
        LogBegins(log, silo.Name);
        drain.Mark(silo.SiloAddress);
        // Twice idle in a row: between two calls of one iteration a silo may hold nothing for a moment.
        for (var idle = 0; idle < 2;)
        {
            await TellOthersAsync();
            await MoveRunsAsync();
            // Only once the others know: whoever looks for a grain that ends here must not find this silo again.
            drain.EndWorkers();
            await Task.Delay(Beat, time);
            idle = IsIdle ? idle + 1 : 0;
        }

        LogLeaves(log, silo.Name);
        lifetime.StopApplication();
    }

    /// <summary>Again and again, because a silo that joins meanwhile must hear it too.</summary>
    private Task TellOthersAsync() => Task.WhenAll(silos.Names.Select(async name =>
    {
        try
        {
            await grains.GetGrain<IDeviceGrain>($"device@{name}").MarkDrained(silo.SiloAddress.ToParsableString());
        }
        catch (Exception e) when (Transient.Is(e))
        {
            // It is leaving or dead; if it lives, the next beat reaches it.
            LogNotTold(log, name, e.GetType().Name);
        }
    }));

    private async Task MoveRunsAsync()
    {
        foreach (var runId in drain.TakeMoving())
        {
            try
            {
                await grains.GetGrain<IRunGrain>(runId).GetSnapshot();
            }
            catch (Exception e) when (Transient.Is(e))
            {
                LogNotMoved(log, runId, e.GetType().Name);
                drain.MoveAway(runId);
                return;
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Silo} is drained: it takes no new work and leaves when it has finished what it holds")]
    private static partial void LogBegins(ILogger logger, string silo);

    [LoggerMessage(2, LogLevel.Information, "{Silo} holds nothing any more and leaves")]
    private static partial void LogLeaves(ILogger logger, string silo);

    [LoggerMessage(3, LogLevel.Debug, "{Silo} was not told of the drain ({Error})")]
    private static partial void LogNotTold(ILogger logger, string silo, string error);

    [LoggerMessage(4, LogLevel.Warning, "Run {Run} could not be woken elsewhere yet ({Error})")]
    private static partial void LogNotMoved(ILogger logger, string run, string error);
}
