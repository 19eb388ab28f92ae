using ClinicalGpt.Orleans.Client.Connection;
using ClinicalGpt.Orleans.Client.Runs;
using Orleans.TestingHost;

namespace ClinicalGpt.Orleans.Client.Tests.Runs;

/// <summary>One silo in this process with the stub grains.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = new InProcessTestClusterBuilder(1).Build();

    /// <summary>A client that looks often and gives up soon.</summary>
    public ClinicalGptClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await _cluster.DeployAsync();
        Client = new ClinicalGptClient(_cluster.Client, new ClinicalGptClientOptions
        {
            WatchInterval = TimeSpan.FromMilliseconds(10),
            RetryFor = TimeSpan.FromSeconds(4),
        });
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();
}

/// <summary>Tests that share the cluster.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "cluster";
}
