using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Draining;
using ClinicalGpt.Orleans.Learning.Native;
using ClinicalGpt.Orleans.Grains.Placement;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A window on one silo's <see cref="DeviceHost"/>. Its key is <c>device@silo</c>: the part after the sign names the silo.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="drain">What it holds.</param>
/// <param name="coordinator">Drains it.</param>
[NamedSilo, Immovable]
public sealed class DeviceGrain(DeviceHost device, SiloDrain drain, DrainCoordinator coordinator) : Grain, IDeviceGrain
{
    /// <inheritdoc/>
    public Task<DeviceStatus> GetStatus() =>
        Task.FromResult(device.Status() with { Draining = drain.IsDraining, Held = drain.Held });

    /// <inheritdoc/>
    public Task<DeviceStatus> Drain()
    {
        coordinator.Begin();
        return GetStatus();
    }

    /// <inheritdoc/>
    public Task ReleaseRun(string runId)
    {
        drain.EndWorkersOf(runId);
        // Not awaited: another run's job may be on the device for long, and nobody waits for this one.
        _ = device.Executor.RunAsync($"{runId} release", 1, ReturnFreedMemory, CancellationToken.None);
        return Task.CompletedTask;
    }

    private static bool ReturnFreedMemory()
    {
        TorchRuntime.ReturnFreedMemory();
        return true;
    }

    /// <inheritdoc/>
    public Task MarkDrained(string silo)
    {
        drain.Mark(SiloAddress.FromParsableString(silo));
        return Task.CompletedTask;
    }
}
