using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Training;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>A stage trained in blocks of optimizer steps, each committed: language model, SFT, reward model.</summary>
/// <param name="stage">pretrain, sft, reward or reward-answer-only.</param>
/// <param name="grains">For policy and reward model.</param>
/// <param name="trainers">For the number of steps.</param>
/// <param name="device">For folding a finished language model into a new base.</param>
/// <param name="audit">Where records that do not fit are counted.</param>
public sealed class TrainingStage(
    string stage, IGrainFactory grains, StageTrainerFactory trainers, DeviceHost device, IAuditLog audit) : IRunStage
{
    /// <inheritdoc/>
    public string Name => stage;

    /// <inheritdoc/>
    public async Task<int> CountIterationsAsync(RunContext run, RunProgress progress)
    {
        var steps = await CountStepsAsync(run, progress);
        return (steps + CommitEvery(run.Recipe) - 1) / CommitEvery(run.Recipe);
    }

    /// <inheritdoc/>
    public async Task<IterationCommit> RunIterationAsync(RunContext run, RunProgress progress)
    {
        var total = await CountStepsAsync(run, progress);
        if (progress.Iteration == 0)
        {
            await TellLeftOutAsync(run, progress);
        }

        var every = CommitEvery(run.Recipe);
        var first = progress.Iteration * every;
        await run.ReportAsync("train", $"steps {first} to {Math.Min(first + every, total) - 1}");
        var request = new TrainBlockRequest
        {
            RunId = run.RunId,
            Epoch = run.Epoch,
            Stage = stage,
            RecipeJson = run.RecipeJson,
            Base = progress.Base!,
            Start = progress.Iteration == 0 ? null : CheckpointOf(progress),
            InitialParameters = InitialParameters(run.Recipe, progress),
            Dataset = Dataset(progress),
            FirstStep = first,
            Steps = Math.Min(every, total - first),
            TotalSteps = total,
        };
        var result = stage is StageNames.Reward or StageNames.AnswerOnly
            ? await grains.GetGrain<IRewardModelGrain>($"{run.RunId}/{(stage == StageNames.Reward ? "reward" : stage)}").Train(request, run.Cancellation)
            : await grains.GetGrain<IPolicyGrain>($"{run.RunId}/0").Train(request, run.Cancellation);

        List<string> blobs = [result.Checkpoint.Parameters.Hash, result.Checkpoint.OptimizerHash];
        var next = WithCheckpoint(progress, result.Checkpoint) with { Iteration = progress.Iteration + 1 };
        if (stage == StageNames.Pretrain && first + request.Steps == total)
        {
            (next, var made) = await FoldIntoBaseAsync(run, next);
            blobs.AddRange(made);
        }

        return run.Commit(stage, progress.Iteration, next, result.Metrics[^1].Values) with
        {
            Steps = result.Metrics,
            Blobs = blobs,
            Timings = new Dictionary<string, double> { ["time/device"] = result.DeviceSeconds },
        };
    }

    private async Task<int> CountStepsAsync(RunContext run, RunProgress progress) =>
        (await TrainerAsync(run, progress)).TotalSteps;

    private Task<IStageTrainer> TrainerAsync(RunContext run, RunProgress progress) =>
        trainers.CreateAsync(stage, run.Recipe, run.RecipeJson, progress.Base!, Dataset(progress), run.Cancellation);

    private async Task TellLeftOutAsync(RunContext run, RunProgress progress)
    {
        if ((await TrainerAsync(run, progress)).LeftOut is > 0 and var leftOut)
        {
            await audit.AppendAsync(
                run.RunId, $"{stage}.records-left-out",
                $"{leftOut} of {Dataset(progress).Records} records: an answer of data.maxLength {run.Recipe.Data.MaxLength} tokens or more", run.Cancellation);
        }
    }

    private DatasetReference Dataset(RunProgress progress) =>
        progress.Datasets[stage == StageNames.AnswerOnly ? DataPlan.Reward : stage];

    private int CommitEvery(Recipe recipe) => stage switch
    {
        StageNames.Pretrain => recipe.Pretrain!.CommitEvery,
        StageNames.Sft => recipe.Sft!.CommitEvery,
        _ => recipe.Reward!.CommitEvery,
    };

    private CheckpointReference? CheckpointOf(RunProgress progress) => stage switch
    {
        StageNames.Pretrain => progress.Pretrain,
        StageNames.Sft => progress.Sft,
        StageNames.Reward => progress.Reward,
        _ => progress.AnswerOnly,
    };

    private RunProgress WithCheckpoint(RunProgress progress, CheckpointReference checkpoint) => stage switch
    {
        StageNames.Pretrain => progress with { Pretrain = checkpoint },
        StageNames.Sft => progress with { Sft = checkpoint },
        StageNames.Reward => progress with { Reward = checkpoint },
        _ => progress with { AnswerOnly = checkpoint },
    };

    /// <summary>The reward model goes on from the SFT parameters when it trains the same kind of parameters; SFT goes on
    /// from an adapter that was given as a folder.</summary>
    private ParameterReference? InitialParameters(Recipe recipe, RunProgress progress) =>
        stage is StageNames.Reward or StageNames.AnswerOnly && progress.Sft is { } sft && sft.Parameters.IsLora == recipe.Reward!.Adapter.IsLora
            ? sft.Parameters
            : null;

    private async Task<(RunProgress Progress, string[] Blobs)> FoldIntoBaseAsync(RunContext run, RunProgress progress)
    {
        var source = device.Models.Source;
        var loaded = await device.Models.GetBaseAsync(progress.Base!);
        var trained = await source.ReadTensorsAsync(progress.Pretrain!.Parameters.Hash, run.Cancellation);
        var (reference, blobs) = await source.StoreBaseAsync(loaded.Model.Config, trained, loaded.Tokenizer.Json, run.Cancellation);
        return (progress with { Base = reference }, blobs);
    }
}
