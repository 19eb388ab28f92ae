namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>The source tree, for its recipes, samples and models.</summary>
public static class RepositoryRoot
{
    public static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClinicalGpt.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("This program does not run inside the source tree.");
    }
}
