using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Grains.Compute;

/// <summary>Opens training on the silo's device.</summary>
public interface ITrainingComputeFactory
{
    /// <summary>Training of one grain activation; nothing is on the device before the first block or iteration.</summary>
    /// <param name="holder">Name in the memory plan, for example the grain's key and role.</param>
    ITrainingCompute Open(string holder);
}

/// <summary>Trainable parameters with their optimizers, as one grain activation uses them. What is on the device is only a
/// cache of the checkpoint that each request names, so a repeated request gives the same checkpoint; after the last request of a stage the device is free.</summary>
public interface ITrainingCompute
{
    /// <summary>Takes the steps of a block and stores the checkpoint.</summary>
    /// <param name="request">The block.</param>
    /// <param name="cancellationToken">Abandons the block between steps.</param>
    Task<TrainBlockResult> TrainAsync(TrainBlockRequest request, CancellationToken cancellationToken);

    /// <summary>Learns from one PPO iteration's experience and stores policy and critic.</summary>
    /// <param name="request">The experience.</param>
    /// <param name="cancellationToken">Gives up while the work is queued.</param>
    Task<LearnResult> LearnAsync(LearnRequest request, CancellationToken cancellationToken);

    /// <summary>Frees the device.</summary>
    Task ReleaseAsync();
}
