using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>The resolved recipe as canonical JSON: every key with its value, so that a later version's defaults cannot
/// change a run that exists.</summary>
public static class RecipeJson
{
    /// <summary>The options recipes and other durable JSON are written with.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, Options);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="Errors.ProblemException">CGPT2006: written by a newer version; CGPT2001: not a recipe.</exception>
    public static Recipe Read(string json)
    {
        try
        {
            var recipe = JsonSerializer.Deserialize<Recipe>(json, Options)
                ?? throw new Errors.ProblemException(Errors.ErrorCodes.RecipeUnreadable, "the stored recipe is empty");
            return recipe.RecipeVersion <= Recipe.CurrentVersion
                ? recipe
                : throw new Errors.ProblemException(
                    Errors.ErrorCodes.RecipeTooNew,
                    $"recipeVersion is {recipe.RecipeVersion}; this program understands 1 to {Recipe.CurrentVersion}. Upgrade it.",
                    key: "recipeVersion");
        }
        catch (JsonException e)
        {
            throw new Errors.ProblemException(Errors.ErrorCodes.RecipeUnreadable, $"the recipe's JSON cannot be read: {e.Message}");
        }
    }

    /// <summary>SHA-256 of the recipe's JSON, lower-case hex.</summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    public static string Hash(string json) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
}
