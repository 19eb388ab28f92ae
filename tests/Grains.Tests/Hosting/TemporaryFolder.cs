namespace ClinicalGpt.Orleans.Grains.Tests.Hosting;

public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        // Not CreateTempSubdirectory: its mode 0700 would shut out the user the database server runs as.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"clinicalgpt-grains-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Copies a folder's files and returns the copy's path.</summary>
    public string Copy(string folder, string name)
    {
        var target = Directory.CreateDirectory(File(name)).FullName;
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            System.IO.File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        }

        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
