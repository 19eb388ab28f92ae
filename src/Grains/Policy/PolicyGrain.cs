using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Training;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Ppo;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Policy;

/// <summary>Trains the policy (and, in PPO, the critic). Holds nothing that a checkpoint does not.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="trainers">Trainers of the stages.</param>
[RequiresRole("policy"), Immovable, KeepAlive]
public sealed class PolicyGrain(DeviceHost device, StageTrainerFactory trainers) : Grain, IPolicyGrain
{
    private readonly EpochGuard _epochs = new();
    private TrainingSession _policy = null!;
    private TrainingSession _critic = null!;
    private BlockTrainer _blocks = null!;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        _policy = new TrainingSession(device, $"{key} policy");
        _critic = new TrainingSession(device, $"{key} critic");
        _blocks = new BlockTrainer(device, trainers, _policy);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _policy.ReleaseAsync();
        await _critic.ReleaseAsync();
    }

    /// <inheritdoc/>
    public Task<TrainBlockResult> Train(TrainBlockRequest request, CancellationToken cancellationToken)
    {
        _epochs.Check(request.Epoch);
        return _blocks.TrainAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<LearnResult> Learn(LearnRequest request, CancellationToken cancellationToken)
    {
        _epochs.Check(request.Epoch);
        var recipe = RecipeJson.Read(request.RecipeJson);
        var ppo = recipe.Ppo!;
        var loaded = await device.Models.GetBaseAsync(request.Base);
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
            policy => PpoLearner.Learn(
                loaded.Model, policy, _critic.State, batch, ppo, Seeds.Derive(recipe.Seed, "ppo/learn", request.Iteration),
                request.Iteration * updates, ppo.Iterations * updates),
            cancellationToken);
        var seconds = clock.Elapsed.TotalSeconds;

        return new LearnResult
        {
            Checkpoint = new PpoCheckpoint
            {
                Policy = await _policy.StoreAsync(cancellationToken),
                Critic = await _critic.StoreAsync(cancellationToken),
            },
            Metrics = outcome.Metrics,
            SequenceKl = FloatBlock.From(outcome.SequenceKl),
            Rewards = FloatBlock.From(outcome.Rewards),
            DeviceSeconds = seconds,
        };
    }

    private async Task PreparePolicyAsync(LearnRequest request, Recipe recipe, LoadedBase loaded, CancellationToken cancellationToken)
    {
        var initial = request.Start is null && request.Sft is { } sft
            ? await device.Models.Source.ReadTensorsAsync(sft.Hash, cancellationToken)
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
            ? await device.Models.Source.ReadTensorsAsync(request.Reward.Hash, cancellationToken)
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
