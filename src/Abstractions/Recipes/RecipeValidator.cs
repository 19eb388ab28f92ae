using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>Finds every impossible value of a recipe at once, before anything is read or allocated. Files are not looked
/// at: the data stage does that.</summary>
public static partial class RecipeValidator
{
    /// <summary>Checks a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <returns>All problems, each with the key as a camelCase path (<c>ppo.clipRange</c>); empty when there are none.
    /// Codes: CGPT2004 (range), CGPT2005 (missing), CGPT2006 (newer version).</returns>
    public static IReadOnlyList<Problem> Validate(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var checks = new RecipeChecks();
        CheckVersion(recipe, checks);
        CheckModel(recipe, checks);
        CheckData(recipe, checks);
        CheckStages(recipe, checks);
        return checks.Problems;
    }

    private static void CheckVersion(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.RecipeVersion > Recipe.CurrentVersion)
        {
            checks.Add(
                ErrorCodes.RecipeTooNew,
                "recipeVersion",
                $"is {recipe.RecipeVersion}; this program understands 1 to {Recipe.CurrentVersion}. Upgrade it.");
        }
        else
        {
            checks.AtLeast("recipeVersion", recipe.RecipeVersion, 1);
        }

        checks.Within("compute.threads", recipe.Compute.Threads, 1, 256);
    }

    private static void CheckModel(Recipe recipe, RecipeChecks checks)
    {
        var model = recipe.Model;
        checks.Given(
            !string.IsNullOrWhiteSpace(model.Path),
            "model.path",
            "name a Hugging Face folder with config.json, model.safetensors and tokenizer.json.");
        checks.Require(
            model.Create is null || recipe.Pretrain is not null,
            "model.create",
            "makes a model with random weights and goes with a pretrain stage only",
            "given without one; add pretrain, or delete model.create to load model.path");
        checks.Require(
            model.SftPath is null || recipe.Sft is null,
            "model.sftPath",
            "replaces the sft stage",
            "given beside one; delete one of the two");
        checks.Require(
            model.RewardPath is null || recipe.Reward is null,
            "model.rewardPath",
            "replaces the reward stage",
            "given beside one; delete one of the two");
        if (model.Create is { } create)
        {
            checks.Within("model.create.vocabularySize", create.VocabularySize, 300, 1_000_000);
            checks.AtLeast("model.create.hiddenSize", create.HiddenSize, 1);
            checks.AtLeast("model.create.layers", create.Layers, 1);
            checks.AtLeast("model.create.heads", create.Heads, 1);
            checks.MultipleOf(
                "model.create.hiddenSize", create.HiddenSize, "the width", create.Heads, "model.create.heads");
        }
    }

    private static void CheckData(Recipe recipe, RecipeChecks checks)
    {
        var data = recipe.Data;
        checks.Closed("data.heldOutShare", data.HeldOutShare, 0, 0.5);
        checks.AtLeast("data.maxLength", data.MaxLength, 2);
        checks.Require(
            data.UserTemplate.Contains("{content}", StringComparison.Ordinal),
            "data.userTemplate",
            "must contain {content}, where the turn goes",
            "without it");
        checks.Given(recipe.Pretrain is null || data.Pretrain.Count > 0, "data.pretrain", "the pretrain stage reads it.");
        checks.Given(recipe.Sft is null || data.Sft.Count > 0, "data.sft", "the sft stage reads it.");
        checks.Given(recipe.Reward is null || data.Reward.Count > 0, "data.reward", "the reward stage reads it.");
        checks.Given(
            recipe.Ppo is null || data.Prompts.Count > 0 || data.Reward.Count > 0,
            "data.prompts",
            "the ppo stage takes its prompts from data.prompts or, without it, from data.reward.");
        CheckFiles(checks, "data.pretrain", data.Pretrain);
        CheckFiles(checks, "data.sft", data.Sft);
        CheckFiles(checks, "data.sftHeldOut", data.SftHeldOut);
        CheckFiles(checks, "data.reward", data.Reward);
        CheckFiles(checks, "data.rewardHeldOut", data.RewardHeldOut);
        CheckFiles(checks, "data.prompts", data.Prompts);
    }

    private static void CheckFiles(RecipeChecks checks, string key, IReadOnlyList<string> files)
    {
        checks.Require(!files.Any(string.IsNullOrWhiteSpace), key, "must name a file in every entry", "empty in one");
        var twice = files.GroupBy(f => f, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1);
        checks.Require(twice is null, key, "must name each file once", $"`{twice?.Key}` {twice?.Count()} times");
    }

    private static void CheckStages(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Stages().Count == 1)
        {
            checks.Add(
                ErrorCodes.RecipeKeyMissing,
                null,
                "the recipe has no stage: add at least one of pretrain, sft, reward, ppo, evaluate (`sft: {}` takes every default).");
        }

        CheckPretrain(recipe, checks);
        CheckSft(recipe, checks);
        CheckReward(recipe, checks);
        CheckPpo(recipe, checks);
        CheckEvaluation(recipe, checks);
    }
}
