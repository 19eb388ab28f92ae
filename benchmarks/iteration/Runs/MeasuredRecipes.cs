using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;

/// <summary>The recipes that are measured.</summary>
internal static class MeasuredRecipes
{
    /// <summary>Overrides that make every stage train all weights, at rates that suit them.</summary>
    public static readonly string[] FullSets =
    [
        "sft.adapter.mode=full", "sft.optimizer.learningRate=5e-4",
        "reward.adapter.mode=full", "reward.optimizer.learningRate=3e-4",
        "ppo.optimizer.learningRate=1e-4", "ppo.criticOptimizer.learningRate=1e-4",
    ];

    /// <summary>SFT, reward model and PPO of a recipe; its evaluation is left out, except for what PPO's own check needs.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="iterations">PPO iterations.</param>
    public static Recipe UpToPpo(Recipe recipe, int iterations) => recipe with
    {
        Ppo = recipe.Ppo! with { Iterations = iterations },
        Evaluate = null,
    };
}
