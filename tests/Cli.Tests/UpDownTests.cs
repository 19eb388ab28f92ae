using System.Text.Json;
using ClinicalGpt.Orleans.Cli.Home;

namespace ClinicalGpt.Orleans.Cli.Tests;

/// <summary>A real cluster: PostgreSQL and two silo processes.</summary>
[Collection(HomeCollection.Name)]
public sealed class UpDownTests(HomeFixture home) : IAsyncLifetime
{
    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await CliRunner.RunAsync("down", "--patience", "5");

    [Fact]
    public async Task UpTwiceThenDown_TwoSilos_RunThenAreGone()
    {
        var (code, output, errors) = await CliRunner.RunAsync("up", "--silos", "2", "--roles", "policy,reference", "--roles", "reward,rollout", "-o", "json");

        Assert.True(code == 0, string.Join('\n', errors));
        var silos = JsonDocument.Parse(output).RootElement.GetProperty("silos").EnumerateArray().ToArray();
        Assert.Equal(["silo-1", "silo-2"], silos.Select(s => s.GetProperty("name").GetString()));
        Assert.All(silos, s => Assert.True(s.GetProperty("alive").GetBoolean()));
        Assert.DoesNotContain("Host=", output, StringComparison.Ordinal);
        using var http = new HttpClient();
        var ready = await http.GetStringAsync(new Uri($"http://127.0.0.1:{silos[1].GetProperty("httpPort").GetInt32()}/health/ready"));
        Assert.Contains("\"roles\":[\"reward\",\"rollout\"]", ready, StringComparison.Ordinal);

        var cluster = ClusterFile.Load(new ClinicalGptHome(home.Folder))!;
        (code, output, errors) = await CliRunner.RunAsync("up", "-o", "json");
        Assert.Equal(0, code);
        Assert.Contains("running already", Assert.Single(errors), StringComparison.Ordinal);
        Assert.Contains($"\"pid\":{cluster.Silos[0].Pid}", output, StringComparison.Ordinal);

        (code, _, errors) = await CliRunner.RunAsync("down");
        Assert.Equal(0, code);
        Assert.DoesNotContain(errors, line => line.Contains("killed", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.Silos, s => s.IsAlive());
        Assert.Null(ClusterFile.Load(new ClinicalGptHome(home.Folder)));
    }

    [Fact]
    public async Task Up_SiloSettingWrong_SaysWhichAndLeavesNothingBehind()
    {
        var (code, _, errors) = await CliRunner.RunAsync("up", "--setting", "Device:Kind=tpu");

        Assert.Equal(3, code);
        Assert.Contains(errors, line => line.Contains("Device:Kind: CGPT2007: is 'tpu'", StringComparison.Ordinal));
        Assert.Null(ClusterFile.Load(new ClinicalGptHome(home.Folder)));
    }
}
