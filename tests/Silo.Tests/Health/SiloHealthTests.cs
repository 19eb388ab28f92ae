using System.Net;
using System.Net.Http.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Silo.Health;
using ClinicalGpt.Orleans.Silo.Hosting;
using ClinicalGpt.Orleans.Silo.Tests.Hosting;
using ClinicalGpt.Orleans.Storage.Embedded;

namespace ClinicalGpt.Orleans.Silo.Tests.Health;

/// <summary>A silo on a real database: it joins, says so, and notices when the database goes.</summary>
public sealed class SiloHealthTests : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"clinicalgpt-silo-tests-{Guid.NewGuid():N}");
    private EmbeddedPostgres _server = null!;

    public async Task InitializeAsync() => _server = await EmbeddedPostgres.StartAsync(
        new EmbeddedPostgresOptions { DataFolder = _folder }, CancellationToken.None);

    public async Task DisposeAsync()
    {
        await EmbeddedPostgres.StopAsync(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("adonet")]
    [InlineData("localhost")]
    public async Task Ready_SiloJoined_Answers200AndThenGoesOnWithoutTheDatabase(string clustering)
    {
        var options = Options(clustering);
        await using var silo = SiloApplication.Create(options);
        await SiloApplication.StartAsync(silo, CancellationToken.None);

        var (code, ready) = await AskAsync(options);
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equal(("tested", "Active", true, false), (ready.Silo, ready.Membership, ready.Database, ready.Stopping));

        await EmbeddedPostgres.StopAsync(_folder);
        (code, ready) = await AskAsync(options);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.False(ready.Database);
        Assert.Equal("live", await Http.GetStringAsync(Address(options, "live")));

        // A graceful stop tells the database: give it back first.
        _server = await EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = _folder, Port = _server.Port }, CancellationToken.None);
        await silo.StopAsync();
    }

    [Fact]
    public async Task Start_SecondSiloOnTheSamePorts_IsOneProblemPerPort()
    {
        var options = Options("adonet");
        await using var first = SiloApplication.Create(options);
        await SiloApplication.StartAsync(first, CancellationToken.None);
        await using var second = SiloApplication.Create(options with { Name = "other" });

        var error = await Assert.ThrowsAsync<ProblemException>(() => SiloApplication.StartAsync(second, CancellationToken.None));

        Assert.Equal(3, error.Problems.Length);
        Assert.All(error.Problems, p => Assert.Equal(ErrorCodes.PortInUse, p.Code));
        await first.StopAsync();
    }

    [Fact]
    public async Task Start_SchemaMissingAndMigrateOff_IsRefused()
    {
        await using var silo = SiloApplication.Create(Options("adonet") with { Migrate = false });

        var error = await Assert.ThrowsAsync<ProblemException>(() => SiloApplication.StartAsync(silo, CancellationToken.None));

        Assert.Equal(ErrorCodes.SchemaMissing, Assert.Single(error.Problems).Code);
    }

    private SiloOptions Options(string clustering) => new()
    {
        Name = "tested",
        Clustering = clustering,
        SiloPort = ProbeTests.FreePort(),
        GatewayPort = ProbeTests.FreePort(),
        HttpPort = ProbeTests.FreePort(),
        ConnectionString = _server.ConnectionString,
    };

    private static async Task<(HttpStatusCode Code, Readiness Ready)> AskAsync(SiloOptions options)
    {
        using var answer = await Http.GetAsync(Address(options, "ready"));
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<Readiness>())!);
    }

    private static Uri Address(SiloOptions options, string what) => new($"http://127.0.0.1:{options.HttpPort}/health/{what}");
}
