using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Training;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Ppo;

namespace ClinicalGpt.Orleans.Grains.Compute;

/// <summary>Opens training on the silo's device.</summary>
/// <param name="device">The device.</param>
/// <param name="trainers">Trainers of the stages.</param>
public sealed class TorchTrainingFactory(DeviceHost device, StageTrainerFactory trainers) : ITrainingComputeFactory
{
    /// <inheritdoc/>
    public ITrainingCompute Open(string holder) => new TorchTraining(device, trainers, holder);
}

/// <summary>Trains with TorchSharp: blocks of a stage, and PPO with a critic beside the policy. Holds nothing that a checkpoint
/// does not, and after a stage's last request nothing at all: grains outlive their runs.</summary>
internal sealed class TorchTraining : ITrainingCompute
{
    private readonly DeviceHost _device;
    private readonly TrainingSession _policy;
    private readonly TrainingSession _critic;
    private readonly BlockTrainer _blocks;

    public TorchTraining(DeviceHost device, StageTrainerFactory trainers, string holder)
    {
        _device = device;
        _policy = new TrainingSession(device, holder);
        _critic = new TrainingSession(device, $"{holder} critic");
        _blocks = new BlockTrainer(device, trainers, _policy);
    }

    /// <inheritdoc/>
    public async Task<TrainBlockResult> TrainAsync(TrainBlockRequest request, CancellationToken cancellationToken)
    {
        var result = await _blocks.TrainAsync(request, cancellationToken);
        if (request.FirstStep + request.Steps >= request.TotalSteps)
        {
            await ReleaseAsync();
        }

        return result;
    }

    /// <inheritdoc/>
    public async Task<LearnResult> LearnAsync(LearnRequest request, CancellationToken cancellationToken)
    {
        var recipe = RecipeJson.Read(request.RecipeJson);
        var ppo = recipe.Ppo!;
        var loaded = await _device.Models.GetBaseAsync(request.Base);
        await PreparePolicyAsync(request, recipe, loaded, cancellationToken);
        await PrepareCriticAsync(request, ppo, loaded, cancellationToken);

        var batch = new PpoBatch(
            SequenceBlock.Concat([.. request.Experience.Select(e => e.Sequences)]),
            [.. request.Experience.SelectMany(e => e.PolicyLogProbs.ToArray())],
            [.. request.Experience.SelectMany(e => e.ReferenceLogProbs.ToArray())],
            [.. request.Experience.SelectMany(e => e.Scores.ToArray())],
            [.. request.Experience.SelectMany(e => e.FinishReasons)],
            request.Normalization,
            request.KlCoef)
        {
            Chunks = [.. request.Experience.Select(e => e.Sequences)],
        };
        var updates = (long)ppo.PpoEpochs * (batch.Sequences.Rows / ppo.MinibatchSize);
        var clock = Stopwatch.StartNew();
        _critic.MarkChanged();
        var outcome = await _policy.RunAsync(
            $"{request.RunId} ppo learn {request.Iteration}",
            recipe.Compute.Threads,
            policy =>
            {
                var critic = _critic.State;
                var need = TrainingNeed.Learning(loaded.Model.Config, policy.Parameters, critic.Parameters, batch.Chunks!, ppo);
                using var held = _device.Models.Hold($"{request.RunId} ppo", need);
                return PpoLearner.Learn(
                    loaded.Model, policy, critic, batch, ppo, Seeds.Derive(recipe.Seed, "ppo/learn", request.Iteration),
                    request.Iteration * updates, ppo.Iterations * updates);
            },
            cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;
        var stored = await Task.WhenAll(_policy.StoreAsync(cancellationToken), _critic.StoreAsync(cancellationToken));
        if (request.Iteration + 1 >= ppo.Iterations)
        {
            await ReleaseAsync();
        }

        return new LearnResult
        {
            Checkpoint = new PpoCheckpoint { Policy = stored[0], Critic = stored[1] },
            Metrics = outcome.Metrics,
            SequenceKl = FloatBlock.From(outcome.SequenceKl),
            Rewards = FloatBlock.From(outcome.Rewards),
            DeviceSeconds = seconds,
        };
    }

    /// <inheritdoc/>
    public async Task ReleaseAsync()
    {
        await _policy.ReleaseAsync();
        await _critic.ReleaseAsync();
    }

    private async Task PreparePolicyAsync(LearnRequest request, Recipe recipe, LoadedBase loaded, CancellationToken cancellationToken)
    {
        var initial = request.Start is null && request.Sft is { } sft
            ? await _device.Models.Source.ReadTensorsAsync(sft.Hash, cancellationToken)
            : null;
        await _policy.PrepareAsync(
            loaded, request.Start?.Policy, () => CreatePolicy(loaded.Model, request, recipe, initial), recipe.Ppo!.Optimizer, cancellationToken);
    }

    private static ParameterSet CreatePolicy(
        BaseModel model, LearnRequest request, Recipe recipe, IReadOnlyList<TensorData>? initial)
    {
        if (request.Sft is { } sft && initial is not null)
        {
            return ParameterSet.FromTensors(model, initial, sft.IsLora, sft.Scale, trainable: true);
        }

        var adapter = recipe.Ppo!.Adapter;
        return adapter.IsLora
            ? ParameterSet.CreateLora(model, adapter, Seeds.Derive(recipe.Seed, "ppo/adapter"))
            : ParameterSet.CreateFull(model);
    }

    private async Task PrepareCriticAsync(LearnRequest request, PpoOptions ppo, LoadedBase loaded, CancellationToken cancellationToken)
    {
        var initial = request.Start is null
            ? await _device.Models.Source.ReadTensorsAsync(request.Reward.Hash, cancellationToken)
            : null;
        await _critic.PrepareAsync(loaded, request.Start?.Critic, CreateCritic, ppo.CriticOptimizer, cancellationToken);

        ParameterSet CreateCritic()
        {
            var critic = ParameterSet.FromTensors(
                loaded.Model, initial!, request.Reward.IsLora, request.Reward.Scale, trainable: true);
            critic.FoldNormalization(request.Normalization.Mean, request.Normalization.Std);
            return critic;
        }
    }
}
