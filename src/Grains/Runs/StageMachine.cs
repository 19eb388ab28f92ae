using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Training;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>The stages there are, and which comes after which.</summary>
public sealed class StageMachine
{
    private readonly Dictionary<string, IRunStage> _stages;

    /// <summary>Collects the stages.</summary>
    /// <param name="data">Import.</param>
    /// <param name="ppo">PPO.</param>
    /// <param name="evaluate">Evaluation.</param>
    /// <param name="grains">For the training stages.</param>
    /// <param name="trainers">For the training stages.</param>
    /// <param name="device">For the training stages.</param>
    /// <param name="audit">For the training stages.</param>
    public StageMachine(
        DataStage data, PpoStage ppo, EvaluateStage evaluate, IGrainFactory grains, StageTrainerFactory trainers, DeviceHost device,
        IAuditLog audit)
    {
        _stages = new List<IRunStage>
        {
            data,
            new TrainingStage(StageNames.Pretrain, grains, trainers, device, audit),
            new TrainingStage(StageNames.Sft, grains, trainers, device, audit),
            new TrainingStage(StageNames.Reward, grains, trainers, device, audit),
            new TrainingStage(StageNames.AnswerOnly, grains, trainers, device, audit),
            ppo,
            evaluate,
        }.ToDictionary(s => s.Name);
    }

    /// <summary>A stage by name.</summary>
    /// <param name="name">One of <see cref="StageNames"/>.</param>
    public IRunStage this[string name] => _stages[name];

    /// <summary>Moves progress to the next stage when the present one has no iteration left.</summary>
    /// <param name="recipe">For the stages present.</param>
    /// <param name="progress">Progress after an iteration.</param>
    /// <param name="iterations">Iterations of the present stage.</param>
    public static RunProgress Advance(Recipe recipe, RunProgress progress, int iterations)
    {
        if (progress.Iteration < iterations)
        {
            return progress;
        }

        var stages = recipe.Stages();
        var next = stages.TakeWhile(s => s != progress.Stage).Count() + 1;
        return progress with { Stage = next < stages.Count ? stages[next] : StageNames.Done, Iteration = 0 };
    }
}
