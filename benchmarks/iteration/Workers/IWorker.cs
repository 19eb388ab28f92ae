namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>What a worker process does when it is told to.</summary>
internal interface IWorker : IAsyncDisposable
{
    /// <summary>Carries a prepared run through.</summary>
    /// <param name="runId">The run, as stored.</param>
    /// <returns>Hash of the final policy.</returns>
    Task<string> RunAsync(string runId);
}
