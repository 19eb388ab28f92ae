namespace ClinicalGpt.Orleans.Cli.Demo;

/// <summary>Finds the shipped quickstart recipe: in the folder one works in or above it, else beside the program.</summary>
internal static class RecipeFinder
{
    private static readonly string Quickstart = Path.Combine("recipes", "quickstart.yaml");

    /// <param name="from">The folder to start in.</param>
    /// <exception cref="ProblemException">CGPT2001: it is nowhere.</exception>
    public static string Find(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, Quickstart);
            if (File.Exists(path))
            {
                return path;
            }
        }

        var beside = Path.Combine(AppContext.BaseDirectory, Quickstart);
        return File.Exists(beside)
            ? beside
            : throw new ProblemException(
                ErrorCodes.RecipeUnreadable, $"{Quickstart} is neither in {from} nor above it nor beside the program; name one with --recipe");
    }
}
