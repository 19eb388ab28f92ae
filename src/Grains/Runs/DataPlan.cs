using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Names of a run's data sets and the files they come from.</summary>
public static class DataPlan
{
    /// <summary>Language-model text.</summary>
    public const string Pretrain = "pretrain";

    /// <summary>SFT rows.</summary>
    public const string Sft = "sft";

    /// <summary>Held-out SFT rows.</summary>
    public const string SftHeldOut = "sft-heldout";

    /// <summary>Comparisons.</summary>
    public const string Reward = "reward";

    /// <summary>Held-out comparisons.</summary>
    public const string RewardHeldOut = "reward-heldout";

    /// <summary>PPO prompts.</summary>
    public const string Prompts = "prompts";

    /// <summary>Development split of PPO.</summary>
    public const string Development = "development";

    /// <summary>Every set of a recipe, with its files and their kind.</summary>
    /// <param name="recipe">The recipe.</param>
    public static IEnumerable<(string Name, IReadOnlyList<string> Files, ImportKind Kind)> SetsOf(Recipe recipe)
    {
        var data = recipe.Data;
        var prompts = data.Prompts.Count > 0 ? data.Prompts : data.Reward;
        List<(string, IReadOnlyList<string>, ImportKind)> sets =
        [
            (Pretrain, recipe.Pretrain is null ? [] : data.Pretrain, ImportKind.Pretrain),
            (Sft, recipe.Sft is null ? [] : data.Sft, ImportKind.Sft),
            (SftHeldOut, data.SftHeldOut, ImportKind.Sft),
            (Reward, recipe.Reward is null ? [] : data.Reward, ImportKind.Reward),
            (RewardHeldOut, data.RewardHeldOut, ImportKind.Reward),
            (Prompts, recipe.Ppo is null && recipe.Reward is null ? [] : prompts, ImportKind.Prompts),
            (Development, recipe.Ppo?.DevelopmentSet is { } dev ? [dev] : [], ImportKind.Prompts),
        ];
        if (recipe.Evaluate is { } e)
        {
            sets.AddRange(e.Exact.Select(s => ($"exact/{s.Key}", (IReadOnlyList<string>)[s.Value], ImportKind.Prompts)));
            sets.AddRange(e.Exams.Select(s => ($"exam/{s.Key}", (IReadOnlyList<string>)[s.Value], ImportKind.Exam)));
            sets.AddRange(e.Dialogues.Select(s => ($"dialogue/{s.Key}", (IReadOnlyList<string>)[s.Value], ImportKind.Dialogue)));
            sets.AddRange(e.Diagnosis.Select(s => ($"diagnosis/{s.Key}", (IReadOnlyList<string>)[s.Value], ImportKind.Diagnosis)));
            sets.AddRange(e.Rankings.Select(s => ($"ranking/{s.Key}", (IReadOnlyList<string>)[s.Value], ImportKind.Reward)));
        }

        return sets.Where(s => s.Item2.Count > 0);
    }

    /// <summary>Sets a share of a set's rows aside where no held-out file was given.</summary>
    /// <param name="sets">The sets; changed in place.</param>
    /// <param name="recipe">For the share and the seed.</param>
    /// <param name="name">The set.</param>
    /// <param name="heldOut">The held-out set's name.</param>
    public static void SetAside(Dictionary<string, ImportResult> sets, Recipe recipe, string name, string heldOut)
    {
        if (!sets.TryGetValue(name, out var all) || sets.ContainsKey(heldOut) || recipe.Data.HeldOutShare == 0)
        {
            return;
        }

        var count = (int)Math.Ceiling(all.Records.Count * recipe.Data.HeldOutShare);
        var held = Seeds.Permutation(Seeds.Derive(recipe.Seed, heldOut), all.Records.Count)[..count].ToHashSet();
        sets[name] = all with { Records = [.. all.Records.Where((_, i) => !held.Contains(i))] };
        sets[heldOut] = new ImportResult([.. all.Records.Where((_, i) => held.Contains(i))], 0, new Dictionary<string, int>());
    }
}
