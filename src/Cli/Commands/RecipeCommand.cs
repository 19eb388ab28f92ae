using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>recipe validate</c>.</summary>
internal static class RecipeCommand
{
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("file") { Description = "The recipe, YAML." };
        var sets = Sets();
        var validate = new Command("validate", "Checks a recipe and reports every mistake at once; starts nothing.") { file, sets };
        validate.SetAction(result =>
        {
            var recipe = RecipeReader.ReadFile(result.GetValue(file)!, result.GetValue(sets));
            var json = RecipeJson.Write(recipe);
            if (context.IsJson(result))
            {
                context.Terminal.Out.WriteLine(json);
            }
            else
            {
                context.Terminal.Out.WriteLine(
                    $"{recipe.Name}: stages {string.Join(", ", recipe.Stages())}; seed {recipe.Seed}; hash {RecipeJson.Hash(json)[..12]}");
            }

            return ExitCodes.Ok;
        });
        HelpWithExamples.Attach(
            validate, "clinicalgpt recipe validate recipes/quickstart.yaml", "clinicalgpt recipe validate my.yaml --set ppo.iterations=5 -o json");
        return new Command("recipe", "Recipes: the files that describe runs.") { validate };
    }

    /// <summary>The option <c>--set key=value</c>.</summary>
    public static Option<string[]> Sets() => new("--set")
    {
        Description = "Overrides a key of the recipe, for example ppo.iterations=5. May be repeated.",
        HelpName = "key=value",
    };
}
