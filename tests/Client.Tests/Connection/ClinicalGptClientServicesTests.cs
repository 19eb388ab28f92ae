using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Client.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace ClinicalGpt.Orleans.Client.Tests.Connection;

public sealed class ClinicalGptClientServicesTests
{
    [Fact]
    public void AddClinicalGptClient_ImpossibleOptions_ReportsAllAtOnce()
    {
        var e = Assert.Throws<ProblemException>(() => new ServiceCollection().AddClinicalGptClient(o =>
        {
            o.GatewayPort = 70000;
            o.ConnectionString = "Host=db";
            o.ClusterId = " ";
            o.CallTimeout = TimeSpan.Zero;
        }));

        Assert.All(e.Problems, p => Assert.Equal(ErrorCodes.SettingInvalid, p.Code));
        Assert.Equal(["ConnectionString", "GatewayPort", "ClusterId", "CallTimeout"], e.Problems.Select(p => p.Key));
    }

    [Fact]
    public void AddClinicalGptClient_NoWayToTheCluster_IsRefused() =>
        Assert.Throws<ProblemException>(() => new ServiceCollection().AddClinicalGptClient(_ => { }));

    [Fact]
    public void AddClinicalGptClient_ConnectionString_ConfiguresPostgreSqlClustering()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddClinicalGptClient(o => o.ConnectionString = "Host=db");
        using var host = builder.Build();

        Assert.NotNull(host.Services.GetRequiredService<ClinicalGptClient>());
        var database = host.Services.GetRequiredService<IOptions<AdoNetClusteringClientOptions>>().Value;
        Assert.Equal(("Npgsql", "Host=db"), (database.Invariant, database.ConnectionString));
        Assert.Equal("clinicalgpt", host.Services.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId);
    }

    [Fact]
    public async Task StartAsync_NoSiloAtThePort_SaysTheClusterIsUnreachable()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddClinicalGptClient(o =>
        {
            o.GatewayPort = 1;
            o.RetryFor = TimeSpan.Zero;
        });
        using var host = builder.Build();

        var e = await Assert.ThrowsAsync<ProblemException>(() => host.StartAsync());

        Assert.Equal(ErrorCodes.ClusterUnreachable, e.Problems.Single().Code);
        Assert.Contains("gateway port 1 of this machine", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_NoDatabase_SaysTheDatabaseIsUnreachable()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddClinicalGptClient(o =>
        {
            o.ConnectionString = "Host=127.0.0.1;Port=1;Username=u;Timeout=2";
            o.RetryFor = TimeSpan.Zero;
        });
        using var host = builder.Build();

        var e = await Assert.ThrowsAsync<ProblemException>(() => host.StartAsync());

        Assert.Equal(ErrorCodes.DatabaseUnreachable, e.Problems.Single().Code);
    }
}
