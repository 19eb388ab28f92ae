using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Reads <see cref="SiloOptions"/> and reports everything that is wrong with them at once.</summary>
public static partial class SiloOptionsReader
{
    private static readonly Dictionary<string, string[]> KnownKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Silo"] =
        [
            "Name", "ClusterId", "ServiceId", "SiloPort", "GatewayPort", "HttpPort", "BindAddress", "AdvertisedAddress",
            "Roles", "Clustering", "Migrate", "ShutdownTimeout",
        ],
        ["Device"] = ["Kind", "MemoryBytes", "CallDeadline"],
        ["Torch"] = ["LibraryPath"],
        ["Storage"] = ["ConnectionString", "CollectEvery", "GarbageAge"],
    };

    /// <summary>Environment variable that stands in for <c>Storage:ConnectionString</c>.</summary>
    public const string ConnectionVariable = "CLINICALGPT_CONNECTION";

    /// <summary>Reads and checks the sections Silo, Device, Torch and Storage.</summary>
    /// <param name="configuration">Configuration of the host.</param>
    /// <exception cref="ProblemException">CGPT2007, one problem for each wrong key.</exception>
    public static SiloOptions Read(IConfiguration configuration)
    {
        var problems = new List<Problem>();
        var values = new SettingValues(configuration, problems);
        foreach (var (section, known) in KnownKeys)
        {
            values.RefuseUnknown(section, known);
        }

        var defaults = new SiloOptions();
        var options = new SiloOptions
        {
            Name = values.Text("Silo:Name", defaults.Name),
            ClusterId = values.Text("Silo:ClusterId", defaults.ClusterId),
            ServiceId = values.Text("Silo:ServiceId", defaults.ServiceId),
            SiloPort = (int)values.Number("Silo:SiloPort", defaults.SiloPort),
            GatewayPort = (int)values.Number("Silo:GatewayPort", defaults.GatewayPort),
            HttpPort = (int)values.Number("Silo:HttpPort", defaults.HttpPort),
            BindAddress = values.Text("Silo:BindAddress", defaults.BindAddress),
            AdvertisedAddress = values.Optional("Silo:AdvertisedAddress"),
            Roles = values.List("Silo:Roles", defaults.Roles),
            Clustering = values.Text("Silo:Clustering", defaults.Clustering).ToLowerInvariant(),
            Migrate = values.Flag("Silo:Migrate", defaults.Migrate),
            ShutdownTimeout = values.Duration("Silo:ShutdownTimeout", defaults.ShutdownTimeout),
            Device = new DeviceSettings
            {
                Kind = values.Text("Device:Kind", defaults.Device.Kind).ToLowerInvariant(),
                MemoryBytes = values.Number("Device:MemoryBytes", defaults.Device.MemoryBytes),
                CallDeadline = values.Duration("Device:CallDeadline", defaults.Device.CallDeadline),
            },
            TorchLibraryPath = values.Optional("Torch:LibraryPath"),
            ConnectionString = values.Optional("Storage:ConnectionString") ?? values.Optional(ConnectionVariable) ?? "",
            CollectEvery = values.Duration("Storage:CollectEvery", defaults.CollectEvery),
            GarbageAge = values.Duration("Storage:GarbageAge", defaults.GarbageAge),
        };

        // A value that could not be read was replaced by its default: report it once, as what it is.
        problems.AddRange(Check(options).Where(p => problems.All(q => q.Key != p.Key)).ToArray());
        return problems.Count == 0 ? options : throw new ProblemException(problems);
    }

    /// <summary>Everything that is wrong with options, however they were made.</summary>
    /// <param name="options">The options.</param>
    public static IReadOnlyList<Problem> Check(SiloOptions options)
    {
        var problems = new List<Problem>();
        Require(NamePattern().IsMatch(options.Name), "Silo:Name",
            $"is '{options.Name}'; use 1 to 64 letters, digits, dots, dashes or underscores");
        Require(NamePattern().IsMatch(options.ClusterId), "Silo:ClusterId",
            $"is '{options.ClusterId}'; use 1 to 64 letters, digits, dots, dashes or underscores");
        Require(NamePattern().IsMatch(options.ServiceId), "Silo:ServiceId",
            $"is '{options.ServiceId}'; use 1 to 64 letters, digits, dots, dashes or underscores");
        CheckPorts(options, Require);
        CheckAddresses(options, Require);

        Require(options.Roles.Count > 0, "Silo:Roles", $"is empty; name at least one of {string.Join(", ", SiloOptions.KnownRoles)}");
        var strange = options.Roles.Where(r => !SiloOptions.KnownRoles.Contains(r)).ToArray();
        Require(strange.Length == 0, "Silo:Roles",
            $"holds '{string.Join(", ", strange)}'; known roles are {string.Join(", ", SiloOptions.KnownRoles)}");
        Require(options.Clustering is "adonet" or "localhost", "Silo:Clustering",
            $"is '{options.Clustering}'; use adonet or localhost");
        Require(options.ShutdownTimeout > TimeSpan.Zero, "Silo:ShutdownTimeout",
            $"is {options.ShutdownTimeout}; it must be above 0, for example 00:02:00");
        Require(options.Device.Kind is "cpu" or "cuda", "Device:Kind", $"is '{options.Device.Kind}'; use cpu or cuda");
        Require(options.Device.MemoryBytes >= 0, "Device:MemoryBytes",
            $"is {options.Device.MemoryBytes}; it must be 0 (measured) or a number of bytes");
        Require(options.Device.CallDeadline >= TimeSpan.FromSeconds(10), "Device:CallDeadline",
            $"is {options.Device.CallDeadline}; it must be at least 00:00:10");
        Require(options.TorchLibraryPath is null || Directory.Exists(options.TorchLibraryPath), "Torch:LibraryPath",
            $"is '{options.TorchLibraryPath}', which is no folder; name the lib folder of an installed PyTorch");
        Require(options.ConnectionString.Length > 0, "Storage:ConnectionString",
            $"is missing; set it, or the environment variable {ConnectionVariable}, for example 'Host=127.0.0.1;Database=clinicalgpt;Username=clinicalgpt'");
        Require(options.CollectEvery == TimeSpan.Zero || options.CollectEvery >= TimeSpan.FromMinutes(1), "Storage:CollectEvery",
            $"is {options.CollectEvery}; it must be 00:00:00 (never) or at least 00:01:00");
        Require(options.GarbageAge >= TimeSpan.FromHours(1), "Storage:GarbageAge",
            $"is {options.GarbageAge}; it must be at least 01:00:00, for a younger blob may be on its way to a commit");
        return problems;

        void Require(bool holds, string key, string message)
        {
            if (!holds)
            {
                problems.Add(new Problem(ErrorCodes.SettingInvalid, message, Key: key));
            }
        }
    }

    private static void CheckPorts(SiloOptions options, Action<bool, string, string> require)
    {
        (string Key, int Port)[] ports =
        [
            ("Silo:SiloPort", options.SiloPort), ("Silo:GatewayPort", options.GatewayPort), ("Silo:HttpPort", options.HttpPort),
        ];
        for (var i = 0; i < ports.Length; i++)
        {
            var (key, port) = ports[i];
            require(port is >= 1 and <= 65535, key, $"is {port.ToString(CultureInfo.InvariantCulture)}; a port is 1 to 65535");
            var twin = Array.FindIndex(ports, p => p.Port == port);
            require(twin == i, key, $"is {port.ToString(CultureInfo.InvariantCulture)}, as is {ports[Math.Max(twin, 0)].Key}; ports must differ");
        }
    }

    private static void CheckAddresses(SiloOptions options, Action<bool, string, string> require)
    {
        var bindable = IPAddress.TryParse(options.BindAddress, out var bind);
        require(bindable, "Silo:BindAddress", $"is '{options.BindAddress}'; use an IP address such as 127.0.0.1 or 0.0.0.0");
        var everywhere = bindable && (bind!.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any));
        if (options.AdvertisedAddress is null)
        {
            require(!everywhere, "Silo:AdvertisedAddress",
                $"is missing; with Silo:BindAddress {options.BindAddress} say by which IP address other machines reach this silo");
            return;
        }

        var known = IPAddress.TryParse(options.AdvertisedAddress, out var advertised);
        require(known && !advertised!.Equals(IPAddress.Any) && !advertised.Equals(IPAddress.IPv6Any), "Silo:AdvertisedAddress",
            $"is '{options.AdvertisedAddress}'; use the IP address by which other machines reach this silo");
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}$")]
    private static partial Regex NamePattern();
}
