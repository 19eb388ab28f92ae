using System.Security.Cryptography;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Grains.Runs;

namespace ClinicalGpt.Orleans.Benchmarks.Runs;

/// <summary>The runs of a seed: the recipe with its baseline and sharpening, and the control with shuffled scores.</summary>
internal static class ExperimentRecipes
{
    private const double SharpenTemperature = 0.5;

    /// <summary>The recipe, measured in full.</summary>
    public static Recipe Measured(Recipe recipe, long seed) => recipe with
    {
        Seed = seed,
        Reward = recipe.Reward! with { AnswerOnlyBaseline = true },
        Evaluate = recipe.Evaluate! with { SharpenTemperature = SharpenTemperature },
    };

    /// <summary>The same with the scores of each batch given to the wrong answers. It repeats SFT and reward training, which
    /// gives the same parameters because every draw follows from the seed, and measures loss and exactness only.</summary>
    public static Recipe Shuffled(Recipe recipe, long seed)
    {
        var none = new Dictionary<string, string>();
        return recipe with
        {
            Seed = seed,
            Reward = recipe.Reward! with { AnswerOnlyBaseline = false },
            Ppo = recipe.Ppo! with { ShuffleScores = true },
            Evaluate = recipe.Evaluate! with { SharpenTemperature = 0, Exams = none, Dialogues = none, Diagnosis = none, Rankings = none },
        };
    }

    /// <summary>An id that changes with the recipe and with the bytes of what it names, so that the same experiment again
    /// goes on with the runs there are, and another one does not.</summary>
    public static string RunId(Recipe recipe)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(RecipeJson.Write(recipe)));
        foreach (var file in Files(recipe).Where(File.Exists))
        {
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
        }

        var kind = recipe.Ppo!.ShuffleScores ? "-shuffled" : "";
        return FormattableString.Invariant($"learning-{recipe.Seed}{kind}-{Convert.ToHexStringLower(hash.GetHashAndReset())[..8]}");
    }

    /// <summary>Refuses a recipe that cannot show what the experiment is about.</summary>
    /// <exception cref="ProblemException">CGPT2005: a stage or a set is missing.</exception>
    public static void Check(Recipe recipe)
    {
        const string Needed = "the experiment compares SFT, reward model and PPO on held-out wordings and needs it";
        (string Key, bool Present)[] keys =
        [
            ("sft", recipe.Sft is not null),
            ("reward", recipe.Reward is not null),
            ("ppo", recipe.Ppo is not null),
            ($"evaluate.exact.{EvaluationNames.Wordings}", recipe.Evaluate?.Exact.ContainsKey(EvaluationNames.Wordings) ?? false),
        ];
        Problem[] problems = [.. keys.Where(k => !k.Present).Select(k => new Problem(ErrorCodes.RecipeKeyMissing, $"is missing; {Needed}", Key: k.Key))];
        if (problems.Length > 0)
        {
            throw new ProblemException(problems);
        }
    }

    private static IEnumerable<string> Files(Recipe recipe) =>
    [
        .. DataPlan.SetsOf(recipe).SelectMany(s => s.Files),
        recipe.Data.Graph ?? "",
        Path.Combine(recipe.Model.Path, "model.safetensors"),
        Path.Combine(recipe.Model.Path, "tokenizer.json"),
    ];
}
