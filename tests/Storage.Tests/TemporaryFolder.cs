namespace ClinicalGpt.Orleans.Storage.Tests;

public sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        // Not CreateTempSubdirectory: its mode 0700 would shut out the user the server runs as.
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"clinicalgpt-storage-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
