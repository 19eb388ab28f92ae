using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Cli.Tests;

/// <summary>An empty CLINICALGPT_HOME, and no connection in the environment.</summary>
public sealed class HomeFixture : IDisposable
{
    public HomeFixture()
    {
        Folder = Path.Combine(Path.GetTempPath(), $"clinicalgpt-cli-tests-{Guid.NewGuid():N}");
        Environment.SetEnvironmentVariable(ClinicalGptHome.Variable, Folder);
        Environment.SetEnvironmentVariable(SiloOptionsReader.ConnectionVariable, null);
    }

    public string Folder { get; }

    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}

[CollectionDefinition(Name)]
public sealed class HomeCollection : ICollectionFixture<HomeFixture>
{
    public const string Name = "home";
}
