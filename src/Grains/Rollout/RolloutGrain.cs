using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Rollout;

/// <summary>Answers chunks of prompts with the policy version it is told, and has the answers scored by the reference and
/// the reward model, in parallel. Disposable: whatever it holds can be had again by hash.</summary>
/// <param name="compute">The silo's device.</param>
/// <param name="grains">For the calls to reference and reward model.</param>
/// <param name="silo">The silo.</param>
/// <param name="log">Debug lines that show where calls land.</param>
[RequiresRole("rollout"), Immovable, KeepAlive]
public sealed partial class RolloutGrain(
    IRolloutCompute compute, IGrainFactory grains, ILocalSiloDetails silo, ILogger<RolloutGrain> log) : Grain, IRolloutGrain
{
    /// <inheritdoc/>
    public async Task<Experience> Generate(RolloutRequest request, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var generated = await compute.GenerateAsync(request, cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;

        var reference = grains.GetGrain<IReferenceGrain>($"{request.RunId}/reference").LogProbs(
            new ScoreRequest
            {
                Model = request.Reference,
                Sequences = generated.Sequences,
                Temperature = request.Sampling.Temperature,
                Threads = request.Threads,
            },
            cancellationToken);
        var reward = request.Reward is null
            ? Task.FromResult(new ScoreResult(FloatBlock.From(new float[generated.Sequences.Rows]), "", ""))
            : grains.GetGrain<IRewardModelGrain>($"{request.RunId}/reward").Score(
                new ScoreRequest { Model = request.Reward, Sequences = generated.Sequences, Threads = request.Threads }, cancellationToken);
        await Task.WhenAll(reference, reward);

        LogGenerated(log, request.RunId, request.Iteration, request.Chunk, silo.Name, reference.Result.Silo, reward.Result.Silo);
        return new Experience
        {
            Chunk = request.Chunk,
            Sequences = generated.Sequences,
            PolicyLogProbs = FloatBlock.From(generated.LogProbs),
            ReferenceLogProbs = reference.Result.Values,
            Scores = reward.Result.Values,
            FinishReasons = generated.FinishReasons,
            Seeds = request.Seeds,
            PolicyHash = request.Policy.IdentityHash,
            ReferenceHash = reference.Result.ModelHash,
            RewardHash = reward.Result.ModelHash,
            Texts = generated.Texts,
            DeviceSeconds = seconds,
            Silos = [silo.Name, reference.Result.Silo, reward.Result.Silo],
        };
    }

    [LoggerMessage(1, LogLevel.Information,
        "Run {Run} iteration {Iteration} chunk {Chunk}: generated on {Silo}, reference on {ReferenceSilo}, reward on {RewardSilo}")]
    private static partial void LogGenerated(
        ILogger logger, string run, int iteration, int chunk, string silo, string referenceSilo, string rewardSilo);
}
