using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Training;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.RewardModel;

/// <summary>The reward model: trains in its stage, scores in PPO.</summary>
/// <param name="compute">The silo's device.</param>
/// <param name="training">Opens training on it.</param>
/// <param name="silo">The silo.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Debug lines that show where calls land.</param>
[RequiresRole("reward"), Immovable, KeepAlive]
public sealed partial class RewardModelGrain(
    IRewardCompute compute, ITrainingComputeFactory training, ILocalSiloDetails silo, TimeProvider time,
    ILogger<RewardModelGrain> log) : Grain, IRewardModelGrain
{
    private readonly EpochGuard _epochs = new();
    private ITrainingCompute _training = null!;
    private IdleRelease _idle = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _training = training.Open($"{this.GetPrimaryKeyString()} reward");
        _idle = new IdleRelease(time, IdleRelease.Limit, _training.ReleaseAsync);
        this.RegisterGrainTimer(_idle.CheckAsync, IdleRelease.Limit, IdleRelease.Limit);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _training.ReleaseAsync();

    /// <inheritdoc/>
    public async Task<TrainBlockResult> Train(TrainBlockRequest request, CancellationToken cancellationToken)
    {
        _epochs.Check(request.Epoch);
        _idle.Used();
        return await _training.TrainAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<ScoreResult> Score(ScoreRequest request, CancellationToken cancellationToken)
    {
        var scores = await compute.ScoresAsync(request, cancellationToken);
        if (scores.Any(s => !float.IsFinite(s)))
        {
            throw new ProblemException(
                ErrorCodes.NonFinite,
                $"reward model {request.Model.IdentityHash[..12]} gave a score that is not finite for {scores.Count(s => !float.IsFinite(s))} of {scores.Length} answers");
        }

        LogScored(log, request.Sequences.Rows, request.Model.IdentityHash[..12], silo.Name);
        return new ScoreResult(FloatBlock.From(scores), request.Model.IdentityHash, silo.Name);
    }

    [LoggerMessage(1, LogLevel.Debug, "Scored {Rows} answers with {Model} on {Silo}")]
    private static partial void LogScored(ILogger logger, int rows, string model, string silo);
}
