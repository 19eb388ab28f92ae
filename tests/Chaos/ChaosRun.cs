using System.Diagnostics;
using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Chaos;

/// <summary>What happened to one run.</summary>
/// <param name="Kills">Victim and moment of each kill.</param>
/// <param name="Outcome">What the run left behind; null: it did not complete.</param>
/// <param name="Took">Wall time.</param>
/// <param name="Difference">How it differs from the undisturbed run, or why it did not complete; null: it is identical.</param>
internal sealed record ChaosReport(IReadOnlyList<string> Kills, RunOutcome? Outcome, TimeSpan Took, string? Difference)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kills.Count} kills ({string.Join(", ", Kills)}), {Outcome?.Repetitions} repetitions, {Took.TotalSeconds:0} s: {Difference ?? "identical"}");
}

/// <summary>One run and what is done to it. The run is watched through the database alone, so nothing wakes it but itself.</summary>
internal sealed class ChaosRun(PostgresServer postgres, Recipe recipe, ChaosPlan plan, UndisturbedRun undisturbed, Random random)
{
    /// <summary>A fourth attempt at an iteration ends the run, rightly; so an iteration is hit no oftener than this.</summary>
    private const int MostKillsOfAnIteration = 2;
    private readonly List<string> _kills = [];
    private readonly Dictionary<(string, int), int> _hits = [];

    public async Task<ChaosReport> ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var cluster = await TestCluster.StartAsync(postgres, [.. Enumerable.Repeat(TestCluster.AllRoles, plan.Silos)]);
        var since = Stopwatch.StartNew();
        await cluster.Client.StartRunAsync(recipe, "run");
        await cluster.DisconnectAsync();
        try
        {
            while (_kills.Count < plan.Kills && await StrikeAsync(cluster, cancellationToken))
            {
            }

            var outcome = await cluster.CompleteByItselfAsync("run");
            var took = since.Elapsed;
            await cluster.ConnectAsync();
            return new ChaosReport(_kills, outcome, took, await DifferenceAsync(cluster, outcome));
        }
        catch (ClusterException e)
        {
            return new ChaosReport(_kills, null, since.Elapsed, e.Message);
        }
    }

    private async Task<string?> DifferenceAsync(TestCluster cluster, RunOutcome outcome)
    {
        try
        {
            await TestCluster.CheckAsync(cluster.Client.GetRun("run"));
            outcome.RequireSameAs(undisturbed.Outcome);
            return null;
        }
        catch (ClusterException e)
        {
            return e.Message;
        }
    }

    /// <summary>One kill after a random time of work; false when the run was over first.</summary>
    private async Task<bool> StrikeAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        var work = undisturbed.Duration * (random.NextDouble() * 1.5 / plan.Kills);
        await Task.Delay(work, cancellationToken);
        var moment = "";
        var run = await cluster.UntilStoredAsync("run", "an iteration that may be hit", r => IsOver(r) || MayHit(cluster, out moment));
        if (IsOver(run))
        {
            return false;
        }

        _kills.Add($"{await HitAsync(cluster, cancellationToken)} at {moment}");
        await cluster.UntilStoredAsync("run", "work under a new or the same epoch", r => IsOver(r) || r.Status is RunStatus.Running or RunStatus.Validating);
        return true;
    }

    private bool MayHit(TestCluster cluster, out string moment)
    {
        var progress = cluster.Store.GetProgressAsync("run", CancellationToken.None).GetAwaiter().GetResult();
        var at = (Stage: progress?.Stage ?? StageNames.Data, Iteration: progress?.Iteration ?? 0);
        moment = string.Create(CultureInfo.InvariantCulture, $"{at.Stage} {at.Iteration}");
        var hits = _hits.GetValueOrDefault(at);
        if (hits >= MostKillsOfAnIteration)
        {
            return false;
        }

        _hits[at] = hits + 1;
        return true;
    }

    private async Task<string> HitAsync(TestCluster cluster, CancellationToken cancellationToken)
    {
        var silo = cluster.Silos[random.Next(cluster.Silos.Count)];
        switch (random.Next(10))
        {
            case 0:
                await postgres.Server.KillAsync(cancellationToken);
                await postgres.Server.RestartAsync(cancellationToken);
                return "PostgreSQL";
            case 1:
                await Task.WhenAll(cluster.Silos.Select(s => s.KillAsync()));
                await cluster.StartSilosAsync();
                return "every silo";
            case 2:
                silo.Freeze();
                await Task.Delay(TimeSpan.FromSeconds(5 + (random.NextDouble() * 20)), cancellationToken);
                silo.Thaw();
                await ComeBackAsync(cluster, silo);
                return $"{silo.Name} frozen";
            default:
                await silo.KillAsync();
                await cluster.StartSilosAsync();
                return silo.Name;
        }
    }

    /// <summary>A frozen silo either was not missed, or was declared dead and ends itself; then it is started again.</summary>
    private static async Task ComeBackAsync(TestCluster cluster, SiloProcess silo)
    {
        await cluster.UntilAsync($"{silo.Name} to be ready or to end", async () => !silo.IsRunning || await silo.IsReadyAsync());
        await cluster.StartSilosAsync();
    }

    private static bool IsOver(StoredRun run) => run.Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;
}
