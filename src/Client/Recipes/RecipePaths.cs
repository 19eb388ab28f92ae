using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Makes the files a recipe names absolute.</summary>
internal static class RecipePaths
{
    /// <summary>The recipe with every path absolute; relative ones are taken from <paramref name="baseFolder"/>.</summary>
    public static Recipe Resolve(Recipe recipe, string baseFolder)
    {
        var root = Path.GetFullPath(baseFolder);
        return recipe with
        {
            Model = recipe.Model with
            {
                Path = One(recipe.Model.Path)!,
                SftPath = One(recipe.Model.SftPath),
                RewardPath = One(recipe.Model.RewardPath),
            },
            Data = recipe.Data with
            {
                Pretrain = All(recipe.Data.Pretrain),
                Sft = All(recipe.Data.Sft),
                SftHeldOut = All(recipe.Data.SftHeldOut),
                Reward = All(recipe.Data.Reward),
                RewardHeldOut = All(recipe.Data.RewardHeldOut),
                Prompts = All(recipe.Data.Prompts),
                Graph = One(recipe.Data.Graph),
            },
            Ppo = recipe.Ppo is { } ppo ? ppo with { DevelopmentSet = One(ppo.DevelopmentSet) } : null,
            Evaluate = recipe.Evaluate is { } evaluate
                ? evaluate with
                {
                    Exact = Named(evaluate.Exact),
                    Exams = Named(evaluate.Exams),
                    Dialogues = Named(evaluate.Dialogues),
                    Diagnosis = Named(evaluate.Diagnosis),
                    Rankings = Named(evaluate.Rankings),
                }
                : null,
        };

        // A blank path stays blank: the validator reports it.
        string? One(string? path) => string.IsNullOrWhiteSpace(path) ? path : Path.GetFullPath(path, root);

        List<string> All(IReadOnlyList<string> paths) => [.. paths.Select(p => One(p)!)];

        Dictionary<string, string> Named(IReadOnlyDictionary<string, string> paths) =>
            paths.ToDictionary(p => p.Key, p => One(p.Value)!, StringComparer.Ordinal);
    }
}
