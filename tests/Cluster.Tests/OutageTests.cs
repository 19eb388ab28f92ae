using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;
using Xunit.Abstractions;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>Everything is lost at once, or the client, or the database: the run completes by itself with the same outcome.</summary>
[Collection(ClusterCollection.Name)]
public sealed class OutageTests(PostgresFixture postgres, ITestOutputHelper output)
{
    [Fact]
    public async Task Kill_EverySilo_RunCompletesByItselfAfterTheirReturn()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles, TestCluster.AllRoles], Failpoint = "device@ppo learn 1=halt" });
        await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        await cluster.UntilFiredAsync();
        await cluster.DisconnectAsync();

        await Task.WhenAll(cluster.Silos.Select(s => s.KillAsync()));
        var logs = cluster.Silos.ToDictionary(s => s, s => s.LogLines().Length);
        var since = Stopwatch.StartNew();
        await cluster.StartSilosAsync();
        var ready = since.Elapsed;
        await cluster.UntilTensorWorkAsync(logs);
        output.WriteLine(
            $"all silos killed and started again: ready after {ready.TotalSeconds:0.0} s, tensor work resumed after {since.Elapsed.TotalSeconds:0.0} s");

        var outcome = await cluster.CompleteByItselfAsync("run");
        outcome.RequireSameAs(await postgres.ReferenceAsync());
        Assert.Equal(2, outcome.Attempts["ppo/1"]);
    }

    [Fact]
    public async Task Kill_Postgres_RunWaitsAndGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");

        await cluster.UntilInAsync(run, StageNames.Ppo, 1);
        await postgres.Server.Server.KillAsync();
        await cluster.UntilLoggedAsync(cluster.Silos[0], "DatabaseRetry", 2);
        await postgres.Server.Server.RestartAsync();

        (await cluster.CompleteAsync(run)).RequireSameAs(await postgres.ReferenceAsync());
    }

    [Fact]
    public async Task Kill_Postgres_InsideACommit_RunWaitsAndGoesOn()
    {
        await using var cluster = await TestCluster.StartAsync(
            postgres.Server, new TestClusterOptions { Roles = [TestCluster.AllRoles], Failpoint = "commit@ppo 1=wait" });
        var run = await cluster.Client.StartRunAsync(MicroRecipe.Read(), "run");
        var (_, token) = await cluster.UntilFiredAsync();
        await postgres.Server.Server.KillAsync();
        TestCluster.GoOn(token);
        await cluster.UntilLoggedAsync(cluster.Silos[0], "DatabaseRetry", 2);
        await postgres.Server.Server.RestartAsync();

        (await cluster.CompleteAsync(run)).RequireSameAs(await postgres.ReferenceAsync());
    }

    [Fact]
    public async Task Kill_ClientThatSubmittedAndWatches_RunCompletesByItself()
    {
        await using var cluster = await TestCluster.StartAsync(postgres.Server, TestCluster.AllRoles);
        var sets = MicroRecipe.Sets.SelectMany(s => new[] { "--set", s });
        using var client = Process.Start(new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "clinicalgpt.dll"), "run", "submit",
                Path.Combine(RepositoryRoot.Find(), "recipes", "micro.yaml"), "--id", "run", "--wait", .. sets,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["CLINICALGPT_CONNECTION"] = cluster.ConnectionString, ["CLINICALGPT_HOME"] = cluster.Folder },
        })!;
        await cluster.UntilStoredAsync("run", "work", _ => cluster.Silos[0].LogLines().Any(l => l.Contains("ppo learn 0", StringComparison.Ordinal)));
        Signals.Send(client.Id, Signal.Kill);
        await client.WaitForExitAsync();

        (await cluster.CompleteByItselfAsync("run")).RequireSameAs(await postgres.ReferenceAsync());
    }
}
