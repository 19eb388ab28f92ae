using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>recipes/micro.yaml with fewer rows: every stage, two commits in each of SFT and reward, four PPO iterations
/// of four chunks, so that a run takes a few seconds.</summary>
public static class MicroRecipe
{
    /// <summary>What is changed, as <c>--set</c> takes it.</summary>
    public static IReadOnlyList<string> Sets { get; } =
    [
        "sft.maxRows=256", "sft.commitEvery=4",
        "reward.maxRows=256", "reward.commitEvery=4", "reward.normalizationSamples=32",
        "ppo.chunkSize=8", "ppo.evaluateCases=16",
        "evaluate.maxCases=8",
    ];

    public static Recipe Read(params string[] sets) =>
        RecipeReader.ReadFile(Path.Combine(RepositoryRoot.Find(), "recipes", "micro.yaml"), [.. Sets, .. sets]);
}
