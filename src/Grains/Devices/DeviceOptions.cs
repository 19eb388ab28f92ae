namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A silo's device and what it may be used for.</summary>
public sealed class DeviceOptions
{
    /// <summary>Every role there is: <c>policy</c>, <c>reference</c>, <c>reward</c>, <c>rollout</c>.</summary>
    public static readonly string[] AllRoles = ["policy", "reference", "reward", "rollout"];

    /// <summary>Roles of this silo. Default: all.</summary>
    public string[] Roles { get; set; } = AllRoles;

    /// <summary><c>cpu</c> or <c>cuda</c>. Default: cpu.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Bytes the memory plan may grant. Default: 0, three quarters of the machine's memory.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Longest time one device job may take before the silo ends itself: native work cannot be cancelled.
    /// Default: 10 minutes.</summary>
    public TimeSpan CallDeadline { get; set; } = TimeSpan.FromMinutes(10);
}
