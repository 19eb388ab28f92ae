using ClinicalGpt.Orleans.Learning.Native;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class TorchVersionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("clinicalgpt-test-").FullName;

    private string Libraries => Directory.CreateDirectory(Path.Combine(_root, "lib")).FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData("from typing import Optional\n__all__ = ['__version__', 'debug']\n__version__ = '2.14.1+debian'\ndebug = False\n", "2.14.1+debian")]
    [InlineData("__version__: str = \"2.10.0\"\n", "2.10.0")]
    public void Of_InstalledPyTorch_ReadsItsVersionFile(string file, string expected)
    {
        File.WriteAllText(Path.Combine(_root, "version.py"), file);
        Assert.Equal(expected, TorchVersion.Of(Libraries));
    }

    [Fact]
    public void Of_DownloadedLibtorch_ReadsItsBuildVersion()
    {
        File.WriteAllText(Path.Combine(_root, "build-version"), "2.10.0+cpu\n");
        Assert.Equal("2.10.0+cpu", TorchVersion.Of(Libraries));
    }

    [Fact]
    public void Of_FolderThatDoesNotSay_IsNull() => Assert.Null(TorchVersion.Of(Libraries));

    [Theory]
    [InlineData("2.10.0+cpu", true)]
    [InlineData("2.10.1", true)]
    [InlineData("2.10", true)]
    [InlineData("2.1.0", false)]
    [InlineData("2.14.1+debian", false)]
    [InlineData("12.10.0", false)]
    public void Fits_Version_OnlyWhatTorchSharpWasBuiltFor(string version, bool fits) => Assert.Equal(fits, TorchVersion.Fits(version));
}
