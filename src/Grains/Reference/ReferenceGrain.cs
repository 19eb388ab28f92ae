using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Reference;

/// <summary>The frozen SFT model: log-probabilities of what the policy wrote.</summary>
/// <param name="compute">The silo's device.</param>
/// <param name="silo">The silo.</param>
/// <param name="log">Debug lines that show where calls land.</param>
[RequiresRole("reference"), Immovable, KeepAlive]
public sealed partial class ReferenceGrain(IReferenceCompute compute, ILocalSiloDetails silo, ILogger<ReferenceGrain> log) : Grain, IReferenceGrain
{
    /// <inheritdoc/>
    public async Task<ScoreResult> LogProbs(ScoreRequest request, CancellationToken cancellationToken)
    {
        var values = await compute.LogProbsAsync(request, cancellationToken);
        LogScored(log, request.Sequences.Rows, request.Model.IdentityHash[..12], silo.Name);
        return new ScoreResult(FloatBlock.From(values), request.Model.IdentityHash, silo.Name);
    }

    [LoggerMessage(1, LogLevel.Debug, "Reference log-probabilities of {Rows} sequences under {Model} on {Silo}")]
    private static partial void LogScored(ILogger logger, int rows, string model, string silo);
}
