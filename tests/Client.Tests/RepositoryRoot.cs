namespace ClinicalGpt.Orleans.Client.Tests;

/// <summary>The source tree, for the tests that keep generated documents current.</summary>
internal static class RepositoryRoot
{
    public static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ClinicalGpt.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the source tree.");
    }
}
