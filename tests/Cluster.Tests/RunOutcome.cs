using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>What must be equal however often a run was disturbed: the final weights and every metric, to the last bit.</summary>
/// <param name="FinalHash">SHA-256 of the final policy's bytes.</param>
/// <param name="History">One line for each metric of each iteration.</param>
/// <param name="Attempts">How often iterations were begun, all together; differs.</param>
/// <param name="Epoch">How often the run was taken up; differs.</param>
public sealed record RunOutcome(string FinalHash, IReadOnlyList<string> History, int Attempts, long Epoch)
{
    internal static async Task<RunOutcome> ReadAsync(RunHandle run, RunSnapshot end)
    {
        var iterations = await run.GetIterationsAsync();
        return new RunOutcome(
            end.FinalHash!,
            [.. iterations.SelectMany(i => i.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(
                m => string.Create(CultureInfo.InvariantCulture, $"{i.Stage} {i.Iteration} {m.Key} {m.Value:R}")))],
            iterations.Sum(i => i.Attempts),
            end.Epoch);
    }

    public void AssertSameAs(RunOutcome other)
    {
        Assert.Equal(other.History, History);
        Assert.Equal(other.FinalHash, FinalHash);
    }
}

/// <summary>The run that nothing disturbs, on one silo: what all others are compared with.</summary>
public sealed class Undisturbed(PostgresFixture postgres)
{
    private Task<RunOutcome>? _outcome;

    public Task<RunOutcome> OutcomeAsync() => _outcome ??= RunAsync();

    private async Task<RunOutcome> RunAsync()
    {
        await using var cluster = await SiloCluster.StartAsync(postgres, SiloCluster.Named(1));
        return await cluster.FinishAsync(await cluster.SubmitAsync("undisturbed"));
    }
}
