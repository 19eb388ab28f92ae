using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Benchmarks.Runs;

/// <summary>Runs every seed, one run after another, and collects what they left behind.</summary>
/// <param name="client">The cluster.</param>
/// <param name="messages">Where progress goes.</param>
internal sealed class Experiment(ClinicalGptClient client, TextWriter messages)
{
    /// <summary>Runs the seeds; those that are there and complete are only read.</summary>
    /// <exception cref="ProblemException">A run failed; its reason.</exception>
    public async Task<IReadOnlyList<SeedResult>> RunAsync(Recipe recipe, IReadOnlyList<long> seeds, bool controls, CancellationToken cancellationToken)
    {
        var results = new List<SeedResult>();
        foreach (var seed in seeds)
        {
            var main = await RunAsync(ExperimentRecipes.Measured(recipe, seed), cancellationToken);
            var shuffled = controls ? await RunAsync(ExperimentRecipes.Shuffled(recipe, seed), cancellationToken) : null;
            results.Add(new SeedResult(seed, main, shuffled));
        }

        return results;
    }

    private async Task<RunResult> RunAsync(Recipe recipe, CancellationToken cancellationToken)
    {
        var id = ExperimentRecipes.RunId(recipe);
        var run = await client.StartRunAsync(recipe, id, cancellationToken);
        if ((await run.DescribeAsync(cancellationToken)).Status is RunStatus.Paused or RunStatus.Failed)
        {
            await run.ResumeAsync(cancellationToken);
        }

        var lines = new ProgressLines();
        RunSnapshot? end = null;
        await foreach (var snapshot in run.WatchAsync(cancellationToken: cancellationToken))
        {
            end = snapshot;
            if (lines.Next(snapshot) is { } line)
            {
                await messages.WriteLineAsync(line);
            }
        }

        if (end?.Status != RunStatus.Completed)
        {
            throw new ProblemException(end?.Reason is { } reason
                ? [reason]
                : [new Problem(ErrorCodes.RunStateConflict, $"run {id} ended as {end?.Status}; begin anew with another --home")]);
        }

        var evaluations = await run.GetEvaluationsAsync(cancellationToken);
        return new RunResult(
            id, evaluations.ToDictionary(e => e.Name), await run.GetIterationsAsync(StageNames.Ppo, cancellationToken: cancellationToken));
    }
}
