using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Clinical.Tests.Datasets;

/// <summary>A folder of files to import, gone after the test.</summary>
public sealed class ImportFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("clinicalgpt-import-");

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public string Write(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    public ImportResult Import(ImportKind kind, string content, string name = "data.jsonl") =>
        DatasetImporter.Import([Write(name, content)], kind, new DataOptions());

    public Problem[] Refuse(ImportKind kind, string content, string name = "data.jsonl") =>
        Assert.Throws<ProblemException>(() => Import(kind, content, name)).Problems;

    public void Dispose() => _folder.Delete(recursive: true);
}
