using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Learning.Ppo;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Reference;

/// <summary>The frozen SFT model: log-probabilities of what the policy wrote.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="log">Debug lines that show where calls land.</param>
[RequiresRole("reference"), Immovable, KeepAlive]
public sealed partial class ReferenceGrain(DeviceHost device, ILogger<ReferenceGrain> log) : Grain, IReferenceGrain
{
    /// <inheritdoc/>
    public async Task<ScoreResult> LogProbs(ScoreRequest request, CancellationToken cancellationToken)
    {
        var values = await device.Models.RunAsync(
            "reference log-probs",
            request.Model,
            request.Threads,
            (loaded, set) => LogProbabilities.OfResponses(loaded.Model, set, request.Sequences, request.Temperature),
            cancellationToken);
        LogScored(log, request.Sequences.Rows, request.Model.IdentityHash[..12], device.SiloName);
        return new ScoreResult(FloatBlock.From(values), request.Model.IdentityHash, device.SiloName);
    }

    [LoggerMessage(1, LogLevel.Debug, "Reference log-probabilities of {Rows} sequences under {Model} on {Silo}")]
    private static partial void LogScored(ILogger logger, int rows, string model, string silo);
}
