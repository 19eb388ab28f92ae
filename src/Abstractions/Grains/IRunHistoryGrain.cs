using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Grains;

/// <summary>Reads what runs have committed. A stateless worker: reading never touches the run grain. Key: any.</summary>
[Alias("clinicalgpt.IRunHistoryGrain")]
public interface IRunHistoryGrain : IGrainWithIntegerKey
{
    /// <summary>Runs, newest first.</summary>
    /// <param name="limit">Most lines, 1 to 1000.</param>
    [Alias("ListRuns"), ResponseTimeout("00:00:10")]
    Task<RunSummary[]> ListRuns(int limit);

    /// <summary>Committed iterations in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="stage">Only this stage; null: all.</param>
    /// <param name="fromIteration">First iteration (of each stage).</param>
    [Alias("GetIterations"), ResponseTimeout("00:00:30")]
    Task<IterationView[]> GetIterations(string runId, string? stage, int fromIteration);

    /// <summary>Samples with provenance.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="query">Which ones.</param>
    [Alias("GetSamples"), ResponseTimeout("00:00:30")]
    Task<SampleView[]> GetSamples(string runId, SampleQuery query);

    /// <summary>Evaluations committed so far.</summary>
    /// <param name="runId">The run.</param>
    [Alias("GetEvaluations"), ResponseTimeout("00:00:30")]
    Task<EvaluationResult[]> GetEvaluations(string runId);

    /// <summary>What happened to the run, in order.</summary>
    /// <param name="runId">The run.</param>
    [Alias("GetEvents"), ResponseTimeout("00:00:30")]
    Task<RunEvent[]> GetEvents(string runId);

    /// <summary>The resolved recipe as JSON.</summary>
    /// <param name="runId">The run.</param>
    [Alias("GetRecipe"), ResponseTimeout("00:00:10")]
    Task<string> GetRecipe(string runId);
}
