using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Chaos;

/// <summary>The run that all others are compared with.</summary>
/// <param name="Outcome">What it left behind.</param>
/// <param name="Duration">How long it took: moments of kills are drawn from it.</param>
internal sealed record UndisturbedRun(RunOutcome Outcome, TimeSpan Duration)
{
    public static async Task<UndisturbedRun> MeasureAsync(PostgresServer postgres, Recipe recipe)
    {
        await using var cluster = await TestCluster.StartAsync(postgres, TestCluster.AllRoles);
        var since = Stopwatch.StartNew();
        var outcome = await cluster.CompleteAsync(await cluster.Client.StartRunAsync(recipe, "run"));
        return new UndisturbedRun(outcome, since.Elapsed);
    }
}
