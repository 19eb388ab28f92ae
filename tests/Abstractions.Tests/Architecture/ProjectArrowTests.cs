using System.Xml.Linq;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Architecture;

/// <summary>The direction of dependencies, read from the project files.</summary>
public sealed class ProjectArrowTests
{
    [Theory]
    [InlineData("Abstractions", "")]
    [InlineData("Learning", "Abstractions")]
    [InlineData("Formats", "Abstractions")]
    [InlineData("Clinical", "Abstractions")]
    [InlineData("Storage", "Abstractions")]
    [InlineData("Client", "Abstractions")]
    [InlineData("Grains", "Abstractions Clinical Formats Learning")]
    [InlineData("Silo", "Grains Storage")]
    [InlineData("Cli", "Client Silo")]
    public void References_OfAProject_AreTheArrowsOfTheDesign(string project, string arrows)
    {
        var references = Items(project, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/')));

        Assert.Equal(arrows.Split(' ', StringSplitOptions.RemoveEmptyEntries), references.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Projects_UnderSrc_AreAllCovered() => Assert.Equal(
        ["Abstractions", "Cli", "Client", "Clinical", "Formats", "Grains", "Learning", "Silo", "Storage"],
        Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Storage", "TorchSharp")]
    [InlineData("Client", "TorchSharp")]
    [InlineData("Formats", "TorchSharp")]
    [InlineData("Clinical", "TorchSharp")]
    [InlineData("Grains", "Npgsql")]
    [InlineData("Learning", "Microsoft.Orleans.Server")]
    public void Packages_OfAProject_DoNotCrossItsBorder(string project, string package) =>
        Assert.DoesNotContain(Items(project, "PackageReference"), p => p.StartsWith(package, StringComparison.Ordinal));

    [Fact]
    public void Abstractions_Assembly_ReferencesNoTorchNpgsqlOrAspNet() => Assert.DoesNotContain(
        typeof(Problem).Assembly.GetReferencedAssemblies(),
        a => a.Name!.StartsWith("TorchSharp", StringComparison.Ordinal)
            || a.Name.StartsWith("Npgsql", StringComparison.Ordinal)
            || a.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || a.Name.StartsWith("ClinicalGpt", StringComparison.Ordinal));

    private static IEnumerable<string> Items(string project, string item) =>
        XDocument.Load(Path.Combine(RepositoryRoot.Path, "src", project, project + ".csproj"))
            .Descendants(item)
            .Select(e => e.Attribute("Include")!.Value);
}
