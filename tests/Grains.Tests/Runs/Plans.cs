using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Runs;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

/// <summary>Runs that were never run, for what is only planned.</summary>
internal static class Plans
{
    public static RunContext Run(Recipe recipe, string id = "run-1", long epoch = 1) =>
        new(id, epoch, recipe, RecipeJson.Write(recipe), (_, _) => Task.CompletedTask, CancellationToken.None);

    public static CheckpointReference Checkpoint(string hash) => new()
    {
        Parameters = new ParameterReference { Hash = hash, IsLora = true, Scale = 4 },
        OptimizerHash = hash + "-moments",
        OptimizerStep = 1,
    };

    public static RunProgress Trained(params string[] sets) => new()
    {
        Stage = StageNames.Evaluate,
        Iteration = 0,
        Base = new BaseModelReference { Path = "/model", ContentHash = "base" },
        Datasets = sets.ToDictionary(s => s, s => new DatasetReference { Name = s, Hash = s, Records = 4 }),
        Sft = Checkpoint("sft"),
        Reward = Checkpoint("reward"),
        Ppo = new PpoCheckpoint { Policy = Checkpoint("policy"), Critic = Checkpoint("critic") },
    };
}
