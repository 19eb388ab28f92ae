namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Everything a silo process is told, read by <see cref="SiloOptionsReader"/> from appsettings.json, the
/// environment (<c>Silo__Name</c>) and the command line (<c>--Silo:Name</c>), each overriding the one before.</summary>
public sealed record SiloOptions
{
    /// <summary><c>Silo:Name</c>: unique in the cluster; letters, digits, dot, dash, underscore, at most 64. Default: silo-1.</summary>
    public string Name { get; init; } = "silo-1";

    /// <summary><c>Silo:ClusterId</c>: silos with equal ids form one cluster. Default: clinicalgpt.</summary>
    public string ClusterId { get; init; } = DefaultId;

    /// <summary><c>Silo:ServiceId</c>: grain state and reminders belong to it and outlive clusters. Default: clinicalgpt.</summary>
    public string ServiceId { get; init; } = DefaultId;

    /// <summary><c>Silo:SiloPort</c>: silo to silo, 1 to 65535. Default: 11111.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary><c>Silo:GatewayPort</c>: client to silo, 1 to 65535. Default: 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary><c>Silo:HttpPort</c>: health endpoints, 1 to 65535. Default: 8081.</summary>
    public int HttpPort { get; init; } = 8081;

    /// <summary><c>Silo:BindAddress</c>: address to listen on. Default: 127.0.0.1, so nothing outside this machine connects.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary><c>Silo:AdvertisedAddress</c>: address others reach this silo by; needed when <see cref="BindAddress"/>
    /// stands for every interface. Default: <see cref="BindAddress"/>.</summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary><c>Silo:Roles</c>: any of policy, reference, reward, rollout; comma-separated or a list. Default: all.</summary>
    public IReadOnlyList<string> Roles { get; init; } = KnownRoles;

    /// <summary><c>Silo:Clustering</c>: <c>adonet</c> (members meet in the database) or <c>localhost</c> (this silo alone). Default: adonet.</summary>
    public string Clustering { get; init; } = "adonet";

    /// <summary><c>Silo:Migrate</c>: bring the schema up to date before joining; false: only check it. Default: true.</summary>
    public bool Migrate { get; init; } = true;

    /// <summary><c>Silo:ShutdownTimeout</c>: how long a graceful stop may take. Default: 2 minutes.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary><c>Device:*</c>.</summary>
    public DeviceSettings Device { get; init; } = new();

    /// <summary><c>Torch:LibraryPath</c>: the <c>lib</c> folder of an installed PyTorch; null: the packaged libtorch.</summary>
    public string? TorchLibraryPath { get; init; }

    /// <summary><c>Storage:ConnectionString</c>, else the environment variable CLINICALGPT_CONNECTION. Never logged.</summary>
    public string ConnectionString { get; init; } = "";

    /// <summary><c>Storage:CollectEvery</c>: time between looks for blobs that no commit refers to; 0: never. Default: 1 hour.</summary>
    public TimeSpan CollectEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary><c>Storage:GarbageAge</c>: age from which such a blob is deleted, at least 1 hour: a younger one may be on its
    /// way to a commit. Default: 1 day.</summary>
    public TimeSpan GarbageAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Roles there are.</summary>
    public static IReadOnlyList<string> KnownRoles { get; } = ["policy", "reference", "reward", "rollout"];

    /// <summary>Default of <see cref="ClusterId"/> and <see cref="ServiceId"/>.</summary>
    public const string DefaultId = "clinicalgpt";

    /// <summary>The address others reach this silo by.</summary>
    public string EffectiveAddress => AdvertisedAddress ?? BindAddress;

    /// <summary>One line for people: name, addresses, roles, device. No secrets.</summary>
    public string Describe() =>
        $"{Name} ready: silo {EffectiveAddress}:{SiloPort}, gateway {EffectiveAddress}:{GatewayPort}, "
        + $"http http://{EffectiveAddress}:{HttpPort}, roles {string.Join(",", Roles)}, device {Device.Kind}";
}

/// <summary>The silo's compute device.</summary>
public sealed record DeviceSettings
{
    /// <summary><c>Device:Kind</c>: <c>cpu</c> or <c>cuda</c>. Default: cpu.</summary>
    public string Kind { get; init; } = "cpu";

    /// <summary><c>Device:MemoryBytes</c>: what the memory plan may grant; 0: measured. Default: 0.</summary>
    public long MemoryBytes { get; init; }

    /// <summary><c>Device:CallDeadline</c>: a device call longer than this counts as hung and ends the silo. Default: 10 minutes.</summary>
    public TimeSpan CallDeadline { get; init; } = TimeSpan.FromMinutes(10);
}
