using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>What every stage of a run works with.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Epoch">This activation's epoch.</param>
/// <param name="Recipe">The resolved recipe.</param>
/// <param name="RecipeJson">The same as JSON.</param>
/// <param name="ReportAsync">Says which phase begins, and with which batch, for the snapshot, and after a failed attempt
/// for the record of what ended it. Two words and a range, never text of a record.</param>
/// <param name="Cancellation">The activation ends or the run is stopped.</param>
public sealed record RunContext(
    string RunId, long Epoch, Recipe Recipe, string RecipeJson, Func<string, string, Task> ReportAsync, CancellationToken Cancellation)
{
    /// <summary>A model over the run's base.</summary>
    /// <param name="progress">Where the run stands.</param>
    /// <param name="parameters">Trained parameters; null: the base itself.</param>
    public static ModelReference Model(RunProgress progress, ParameterReference? parameters) =>
        new() { Base = progress.Base!, Parameters = parameters };

    /// <summary>A commit of this run under this epoch.</summary>
    /// <param name="stage">Stage.</param>
    /// <param name="iteration">Iteration committed.</param>
    /// <param name="next">Where to go on.</param>
    /// <param name="metrics">Metrics.</param>
    public IterationCommit Commit(
        string stage, int iteration, RunProgress next, IReadOnlyDictionary<string, double> metrics) => new()
        {
            RunId = RunId,
            Epoch = Epoch,
            Stage = stage,
            Iteration = iteration,
            Progress = next,
            Metrics = metrics,
        };
}

/// <summary>A stage of a run: how many iterations it has, and what one does. A stage decides nothing about commits,
/// retries or status; the run grain does.</summary>
public interface IRunStage
{
    /// <summary>The stage's name.</summary>
    string Name { get; }

    /// <summary>Iterations of the stage.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">Where it stands.</param>
    Task<int> CountIterationsAsync(RunContext run, RunProgress progress);

    /// <summary>Does one iteration. Repeating it gives the same commit, timings apart.</summary>
    /// <param name="run">The run.</param>
    /// <param name="progress">Where it stands; <see cref="RunProgress.Iteration"/> is the iteration to do.</param>
    /// <returns>The commit; its progress still names this stage, with the iteration counted up.</returns>
    Task<IterationCommit> RunIterationAsync(RunContext run, RunProgress progress);
}
