using System.Diagnostics;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A span for every job on the device, named as the job is; nothing is recorded unless somebody listens.</summary>
public static class DeviceTracing
{
    /// <summary>Name of the activity source.</summary>
    public const string SourceName = "ClinicalGpt.Orleans.Device";

    internal static ActivitySource Source { get; } = new(SourceName);
}
