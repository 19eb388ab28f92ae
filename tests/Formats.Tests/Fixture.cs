namespace ClinicalGpt.Orleans.Formats.Tests;

/// <summary>Files that reference implementations wrote.</summary>
internal static class Fixture
{
    public static string Path(string relative) =>
        System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", relative);

    public static byte[] Read(string relative) => File.ReadAllBytes(Path(relative));
}
