using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Placement;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A window on one silo's <see cref="DeviceHost"/>. Its key is <c>device@silo</c>: the part after the sign names the silo.</summary>
/// <param name="device">The silo's device.</param>
[NamedSilo, Immovable]
public sealed class DeviceGrain(DeviceHost device) : Grain, IDeviceGrain
{
    /// <inheritdoc/>
    public Task<DeviceStatus> GetStatus() => Task.FromResult(device.Status());
}
