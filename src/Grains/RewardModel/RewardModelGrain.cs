using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Training;
using ClinicalGpt.Orleans.Learning.RewardModel;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.RewardModel;

/// <summary>The reward model: trains in its stage, scores in PPO.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="trainers">Trainers of the stages.</param>
/// <param name="log">Debug lines that show where calls land.</param>
[RequiresRole("reward"), Immovable, KeepAlive]
public sealed partial class RewardModelGrain(DeviceHost device, StageTrainerFactory trainers, ILogger<RewardModelGrain> log) : Grain, IRewardModelGrain
{
    private readonly EpochGuard _epochs = new();
    private TrainingSession _session = null!;
    private BlockTrainer _blocks = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _session = new TrainingSession(device, $"{this.GetPrimaryKeyString()} reward");
        _blocks = new BlockTrainer(device, trainers, _session);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _session.ReleaseAsync();

    /// <inheritdoc/>
    public Task<TrainBlockResult> Train(TrainBlockRequest request, CancellationToken cancellationToken)
    {
        _epochs.Check(request.Epoch);
        return _blocks.TrainAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ScoreResult> Score(ScoreRequest request, CancellationToken cancellationToken)
    {
        var scores = await device.Models.RunAsync(
            "reward scores",
            request.Model,
            request.Threads,
            (loaded, set) => RewardTrainer.Scores(loaded.Model, set!, request.Sequences),
            cancellationToken);
        if (scores.Any(s => !float.IsFinite(s)))
        {
            throw new ProblemException(
                ErrorCodes.NonFinite,
                $"reward model {request.Model.IdentityHash[..12]} gave a score that is not finite for {scores.Count(s => !float.IsFinite(s))} of {scores.Length} answers");
        }

        LogScored(log, request.Sequences.Rows, request.Model.IdentityHash[..12], device.SiloName);
        return new ScoreResult(FloatBlock.From(scores), request.Model.IdentityHash, device.SiloName);
    }

    [LoggerMessage(1, LogLevel.Debug, "Scored {Rows} answers with {Model} on {Silo}")]
    private static partial void LogScored(ILogger logger, int rows, string model, string silo);
}
