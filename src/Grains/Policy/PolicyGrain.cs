using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Training;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Policy;

/// <summary>Trains the policy (and, in PPO, the critic). Holds nothing that a checkpoint does not.</summary>
/// <param name="training">Opens training on the silo's device.</param>
/// <param name="time">Clock.</param>
[RequiresRole("policy"), Immovable, KeepAlive]
public sealed class PolicyGrain(ITrainingComputeFactory training, TimeProvider time) : Grain, IPolicyGrain
{
    private readonly EpochGuard _epochs = new();
    private ITrainingCompute _training = null!;
    private IdleRelease _idle = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _training = training.Open($"{this.GetPrimaryKeyString()} policy");
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
    public async Task<LearnResult> Learn(LearnRequest request, CancellationToken cancellationToken)
    {
        _epochs.Check(request.Epoch);
        _idle.Used();
        return await _training.LearnAsync(request, cancellationToken);
    }
}
