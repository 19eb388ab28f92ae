using System.Globalization;
using System.Reflection;

namespace ClinicalGpt.Orleans.Storage.Migrations;

/// <summary>An embedded script, <c>NNNN_name.sql</c>.</summary>
/// <param name="Version">NNNN: 1, 2, 3, ... without gaps.</param>
/// <param name="Name">File name without extension.</param>
/// <param name="Sql">Its text.</param>
internal sealed record MigrationScript(int Version, string Name, string Sql)
{
    private const string Folder = ".Migrations.";

    public static IReadOnlyList<MigrationScript> All { get; } = Load();

    private static MigrationScript[] Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        MigrationScript[] scripts = [.. assembly.GetManifestResourceNames()
            .Where(n => n.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n => Read(assembly, n))];
        return scripts.Select(s => s.Version).SequenceEqual(Enumerable.Range(1, scripts.Length))
            ? scripts
            : throw new InvalidOperationException("migration scripts must be numbered 1, 2, 3, ... without gaps");
    }

    private static MigrationScript Read(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        var start = resource.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length;
        var name = resource[start..^".sql".Length];
        return new MigrationScript(int.Parse(name[..4], CultureInfo.InvariantCulture), name, reader.ReadToEnd());
    }
}
