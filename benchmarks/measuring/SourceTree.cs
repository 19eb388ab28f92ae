using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>Files of the repository the program was built from.</summary>
public static class SourceTree
{
    /// <summary>Finds a file by its path from the repository's root, looking upwards from the current folder, then from the program's.</summary>
    /// <param name="relative">The path, for example <c>recipes/quickstart.yaml</c>.</param>
    /// <exception cref="ProblemException">CGPT2001: it is nowhere.</exception>
    public static string Find(string relative)
    {
        foreach (var start in new[] { Environment.CurrentDirectory, AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (Path.Combine(folder.FullName, relative) is var path && File.Exists(path))
                {
                    return path;
                }
            }
        }

        throw new ProblemException(ErrorCodes.RecipeUnreadable, $"{relative} is neither in this folder nor above it; name one with --recipe");
    }
}
