using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Silo.Hosting;
using Microsoft.Extensions.Configuration;

namespace ClinicalGpt.Orleans.Silo.Tests.Hosting;

public sealed class SiloOptionsReaderTests
{
    private const string Connection = "Host=127.0.0.1;Database=x;Username=y";

    [Fact]
    public void Read_OnlyConnectionGiven_TakesDocumentedDefaults()
    {
        var options = Read(("Storage:ConnectionString", Connection));

        Assert.Equal(new SiloOptions { ConnectionString = Connection }, options);
        Assert.Equal("127.0.0.1", options.BindAddress);
        Assert.Equal("adonet", options.Clustering);
        Assert.Equal(["policy", "reference", "reward", "rollout"], options.Roles);
    }

    [Fact]
    public void Read_EverythingGiven_TakesEverything()
    {
        var options = Read(
            ("Storage:ConnectionString", Connection), ("Silo:Name", "gpu-7"), ("Silo:ClusterId", "c"), ("Silo:ServiceId", "s"),
            ("Silo:SiloPort", "1111"), ("Silo:GatewayPort", "2222"), ("Silo:HttpPort", "3333"), ("Silo:BindAddress", "0.0.0.0"),
            ("Silo:AdvertisedAddress", "10.0.0.7"), ("Silo:Roles", "Policy, rollout"), ("Silo:Clustering", "localhost"),
            ("Silo:Migrate", "false"), ("Silo:ShutdownTimeout", "00:05:00"), ("Device:Kind", "cuda"),
            ("Device:MemoryBytes", "1000000"), ("Device:CallDeadline", "01:00:00"),
            ("Storage:CollectEvery", "00:10:00"), ("Storage:GarbageAge", "2.00:00:00"));

        Assert.Equal("gpu-7", options.Name);
        Assert.Equal((1111, 2222, 3333), (options.SiloPort, options.GatewayPort, options.HttpPort));
        Assert.Equal("10.0.0.7", options.EffectiveAddress);
        Assert.Equal(["policy", "rollout"], options.Roles);
        Assert.False(options.Migrate);
        Assert.Equal(TimeSpan.FromMinutes(5), options.ShutdownTimeout);
        Assert.Equal((TimeSpan.FromMinutes(10), TimeSpan.FromDays(2)), (options.CollectEvery, options.GarbageAge));
        Assert.Equal(new DeviceSettings { Kind = "cuda", MemoryBytes = 1_000_000, CallDeadline = TimeSpan.FromHours(1) }, options.Device);
    }

    [Fact]
    public void Read_RolesAsList_TakesList()
    {
        var options = Read(("Storage:ConnectionString", Connection), ("Silo:Roles:0", "reward"), ("Silo:Roles:1", "rollout"));

        Assert.Equal(["reward", "rollout"], options.Roles);
    }

    [Fact]
    public void Read_EverythingWrong_ReportsEachKeyOnce()
    {
        var error = Assert.Throws<ProblemException>(() => Read(
            ("Silo:Name", "no spaces please"), ("Silo:SiloPort", "99999"), ("Silo:GatewayPort", "abc"), ("Silo:BindAddress", "localhost"),
            ("Silo:Roles", "policy,cook"), ("Silo:Clustering", "zookeeper"), ("Silo:Migrate", "perhaps"), ("Silo:Prot", "1"),
            ("Device:Kind", "tpu"), ("Device:CallDeadline", "ten"), ("Torch:LibraryPath", "/does/not/exist"), ("Storage:Folder", "x")));

        Assert.All(error.Problems, p => Assert.Equal(ErrorCodes.SettingInvalid, p.Code));
        Assert.Equal(
            new[]
            {
                "Device:CallDeadline", "Device:Kind", "Silo:BindAddress", "Silo:Clustering", "Silo:GatewayPort", "Silo:Migrate", "Silo:Name",
                "Silo:Prot", "Silo:Roles", "Silo:SiloPort", "Storage:ConnectionString", "Storage:Folder", "Torch:LibraryPath",
            },
            error.Problems.Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Silo:SiloPort", "8081", "must differ")]
    [InlineData("Silo:HttpPort", "0", "1 to 65535")]
    [InlineData("Silo:GatewayPort", "4294967297", "whole number")]
    [InlineData("Silo:BindAddress", "0.0.0.0", "other machines reach this silo")]
    [InlineData("Silo:AdvertisedAddress", "0.0.0.0", "other machines reach this silo")]
    [InlineData("Silo:Roles", ",", "is empty")]
    [InlineData("Silo:ShutdownTimeout", "00:00:00", "above 0")]
    [InlineData("Device:MemoryBytes", "-1", "must be 0")]
    [InlineData("Storage:CollectEvery", "00:00:01", "never")]
    [InlineData("Storage:GarbageAge", "00:10:00", "at least 01:00:00")]
    public void Read_OneSettingWrong_SaysWhatIsAllowed(string key, string value, string says)
    {
        var error = Assert.Throws<ProblemException>(() => Read(("Storage:ConnectionString", Connection), (key, value)));

        Assert.Contains(error.Problems, p => p.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void Describe_ConnectionWithPassword_DoesNotShowIt()
    {
        var options = new SiloOptions { ConnectionString = "Host=h;Password=hunter2" };

        Assert.DoesNotContain("hunter2", options.Describe(), StringComparison.Ordinal);
    }

    private static SiloOptions Read(params (string Key, string Value)[] settings) => SiloOptionsReader.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value))).Build());
}
