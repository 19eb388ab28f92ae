using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>One server for all tests, and the outcome of the undisturbed run they compare with.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private Task<RunOutcome>? _reference;

    public PostgresServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await PostgresServer.StartAsync();

    public async Task DisposeAsync() => await Server.DisposeAsync();

    /// <summary>The micro recipe on one silo, left alone; run once.</summary>
    public Task<RunOutcome> ReferenceAsync() => _reference ??= RunUndisturbedAsync();

    /// <summary>Runs the micro recipe, changed, on one silo that nothing happens to.</summary>
    public async Task<RunOutcome> RunUndisturbedAsync(params string[] sets)
    {
        await using var cluster = await TestCluster.StartAsync(Server, TestCluster.AllRoles);
        return await cluster.CompleteAsync(await cluster.Client.StartRunAsync(MicroRecipe.Read(sets), "run"));
    }
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "cluster";
}
