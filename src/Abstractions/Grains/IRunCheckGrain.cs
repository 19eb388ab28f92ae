using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Grains;

/// <summary>Proves or disproves that a run's stored history is whole. Reads only. Key: run id.</summary>
[Alias("clinicalgpt.IRunCheckGrain")]
public interface IRunCheckGrain : IGrainWithStringKey
{
    /// <summary>Every check, as it is done: recipe hash, commits in order, every blob's hash, the resume point, the ledger,
    /// samples against ledger and metrics.</summary>
    /// <param name="cancellationToken">Ends the check.</param>
    [Alias("Check"), ResponseTimeout("00:10:00")]
    IAsyncEnumerable<RunCheckLine> Check(CancellationToken cancellationToken);
}
