using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Reads recipes from YAML, reporting every mistake at once with file, line, key, value and what is allowed.</summary>
public static class RecipeReader
{
    /// <summary>Reads a recipe file.</summary>
    /// <param name="path">The file. Its name, without extension, is the recipe's name where the recipe gives none.</param>
    /// <param name="sets">Overrides, <c>ppo.iterations=5</c>; the value is YAML (<c>null</c> takes a stage out). Null: none.</param>
    /// <returns>The recipe: checked, with paths made absolute from the recipe's folder, those of overrides too.</returns>
    /// <exception cref="ProblemException">CGPT2001: no such file, or not YAML. CGPT2002 to CGPT2008: one problem for each mistake.</exception>
    public static Recipe ReadFile(string path, IReadOnlyList<string>? sets = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string yaml;
        try
        {
            yaml = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var reason = Directory.Exists(path) ? "is a folder; name a recipe file in it."
                : File.Exists(path) ? $"cannot be read: {e.Message}"
                : "does not exist; check the path.";
            throw new ProblemException(ErrorCodes.RecipeUnreadable, reason, path);
        }

        return Parse(yaml, path, Path.GetDirectoryName(Path.GetFullPath(path))!, sets);
    }

    /// <summary>Reads a recipe from text.</summary>
    /// <param name="yaml">The recipe.</param>
    /// <param name="describedAs">What to call it in messages, such as a file name; also gives the name where the recipe has none.</param>
    /// <param name="baseFolder">Where relative paths start.</param>
    /// <param name="sets">Overrides, see <see cref="ReadFile"/>.</param>
    /// <returns>The recipe, checked.</returns>
    /// <exception cref="ProblemException">CGPT2001: not YAML. CGPT2002 to CGPT2008: one problem for each mistake.</exception>
    public static Recipe Parse(string yaml, string describedAs, string baseFolder, IReadOnlyList<string>? sets = null)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        var node = YamlReader.Read(yaml, describedAs);
        if (node is not MapNode root)
        {
            throw new ProblemException(
                ErrorCodes.RecipeUnreadable, $"holds {node.Describe()} where keys belong; begin with `model:`.", describedAs, node.Place.Line);
        }

        var problems = new List<Problem>(RecipeOverrides.Apply(root, sets ?? []));
        var binder = new RecipeBinder();
        var recipe = (Recipe)RecipeSchema.Blank(typeof(Recipe));
        binder.Bind(root, recipe);
        problems.AddRange(binder.Problems);

        // A key that could not be read holds its default: a second problem about that default would mislead.
        var impossible = RecipeValidator.Validate(recipe)
            .Where(p => !binder.HasProblemAt(p.Key))
            .Select(p => Locate(p, binder.PlaceOf(p.Key), describedAs));
        problems.AddRange(impossible);
        if (problems.Find(p => p.Code == ErrorCodes.RecipeTooNew) is { } tooNew)
        {
            // Whatever else looks wrong may be right in that version.
            throw new ProblemException([tooNew]);
        }

        return problems.Count > 0
            ? throw new ProblemException(Sort(problems))
            : RecipePaths.Resolve(Named(recipe, describedAs), baseFolder);
    }

    private static Problem Locate(Problem problem, Place? place, string describedAs) =>
        problem with { File = place?.Source ?? describedAs, Line = place?.Line };

    private static List<Problem> Sort(List<Problem> problems) =>
        [.. problems.OrderBy(p => p.File == RecipeOverrides.Source).ThenBy(p => p.Line ?? int.MaxValue)];

    private static Recipe Named(Recipe recipe, string describedAs) =>
        string.IsNullOrWhiteSpace(recipe.Name) ? recipe with { Name = Path.GetFileNameWithoutExtension(describedAs) } : recipe;
}
