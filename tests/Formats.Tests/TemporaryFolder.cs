namespace ClinicalGpt.Orleans.Formats.Tests;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Path = Directory.CreateTempSubdirectory("formats-tests-").FullName;

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Write(IEnumerable<OutputFile> files)
    {
        foreach (var file in files)
        {
            System.IO.File.WriteAllBytes(File(file.Path), file.ToArray());
        }
    }

    public void CopyFixture(string folder, params string[] names)
    {
        foreach (var name in names)
        {
            System.IO.File.WriteAllBytes(File(name), Fixture.Read($"{folder}/{name}"));
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
