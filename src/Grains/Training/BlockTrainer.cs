using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Takes the steps of a <see cref="TrainBlockRequest"/>: what the policy grain (language model, SFT) and the
/// reward-model grain (ranking) have in common. Each step is one device job, so that runs on one silo take turns.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="trainers">Trainers of the stages.</param>
/// <param name="session">Parameters and optimizer.</param>
public sealed class BlockTrainer(DeviceHost device, StageTrainerFactory trainers, TrainingSession session)
{
    /// <summary>Takes the steps and stores the checkpoint.</summary>
    /// <param name="request">The block.</param>
    /// <param name="cancellationToken">Abandons the block between steps.</param>
    public async Task<TrainBlockResult> TrainAsync(TrainBlockRequest request, CancellationToken cancellationToken)
    {
        var recipe = RecipeJson.Read(request.RecipeJson);
        var loaded = await device.Models.GetBaseAsync(request.Base);
        var trainer = await trainers.CreateAsync(
            request.Stage, recipe, request.RecipeJson, request.Base, request.Dataset, cancellationToken);
        var initial = request.Start is null && request.InitialParameters is { } p
            ? await device.Models.Source.ReadTensorsAsync(p.Hash, cancellationToken)
            : null;
        await session.PrepareAsync(
            loaded, request.Start, () => trainer.CreateParameters(loaded.Model, request.InitialParameters, initial),
            trainer.Optimizer, cancellationToken);

        var clock = Stopwatch.StartNew();
        var metrics = new StepMetrics[request.Steps];
        for (var i = 0; i < request.Steps; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = request.FirstStep + i;
            var rate = LearningRateSchedule.At(trainer.Optimizer, step, request.TotalSteps);
            var values = await session.RunAsync(
                $"{request.RunId} {request.Stage} step {step}",
                recipe.Compute.Threads,
                state =>
                {
                    using var held = device.Models.Hold($"{request.RunId} {request.Stage}", trainer.Need(loaded.Model.Config, state.Parameters, step));
                    return trainer.Step(loaded.Model, state, step, rate);
                },
                cancellationToken);
            metrics[i] = new StepMetrics(step, values);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return new TrainBlockResult
        {
            Checkpoint = await session.StoreAsync(cancellationToken),
            Metrics = metrics,
            DeviceSeconds = seconds,
        };
    }
}

/// <summary>What differs between the stages that are trained in blocks.</summary>
public interface IStageTrainer
{
    /// <summary>AdamW's options.</summary>
    OptimizerOptions Optimizer { get; }

    /// <summary>Steps of the whole stage.</summary>
    int TotalSteps { get; }

    /// <summary>Records left out because their answer does not fit <c>data.maxLength</c>.</summary>
    int LeftOut { get; }

    /// <summary>Fresh trainable parameters; on the device thread.</summary>
    /// <param name="model">Base model.</param>
    /// <param name="initial">Parameters to start from, or null.</param>
    /// <param name="tensors">Their tensors, or null.</param>
    ParameterSet CreateParameters(BaseModel model, ParameterReference? initial, IReadOnlyList<TensorData>? tensors);

    /// <summary>What a step allocates beside the parameters and the optimizer.</summary>
    /// <param name="config">Dimensions of the model.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="step">Step within the stage.</param>
    Workspace Need(ModelConfig config, ParameterSet parameters, int step);

    /// <summary>One optimizer step; on the device thread.</summary>
    /// <param name="model">Base model.</param>
    /// <param name="state">Parameters and optimizer.</param>
    /// <param name="step">Step within the stage.</param>
    /// <param name="learningRate">Learning rate.</param>
    Dictionary<string, double> Step(BaseModel model, TrainingState state, int step, double learningRate);
}
