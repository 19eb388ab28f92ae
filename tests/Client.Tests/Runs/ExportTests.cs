using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Client.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class ExportTests(ClusterFixture fixture) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("clinicalgpt-export-").FullName;

    private string Target => Path.Combine(_folder, "out");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ExportAsync_FilesInChunks_AreJoinedAndMovedIntoPlace()
    {
        var files = await Export("whole", [Chunk("a.txt", "he"), Chunk("a.txt", "llo", true), Chunk("sub/b.txt", "", true)]);

        Assert.Equal(["a.txt", "sub/b.txt"], files);
        Assert.Equal("hello", File.ReadAllText(Path.Combine(Target, "a.txt")));
        Assert.Empty(File.ReadAllText(Path.Combine(Target, "sub", "b.txt")));
        Assert.Equal([Target], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task ExportAsync_SiloLostInBetween_BeginsAnew()
    {
        await Export(
            "broken-once",
            [Chunk("old.txt", "x", true), Chunk("a.txt", "he"), null],
            [Chunk("a.txt", "hello", true)]);

        Assert.Equal([Path.Combine(Target, "a.txt")], Directory.GetFiles(Target));
        Assert.Equal("hello", File.ReadAllText(Path.Combine(Target, "a.txt")));
    }

    [Theory]
    [InlineData("../evil.txt")]
    [InlineData("/tmp/evil.txt")]
    [InlineData("a/../../evil.txt")]
    [InlineData("")]
    public async Task ExportAsync_PathOutsideTheFolder_IsRefusedAndNothingKept(string path)
    {
        var e = await Assert.ThrowsAsync<ProblemException>(() => Export("evil" + path.Length, [Chunk("a", "x", true), Chunk(path, "x", true)]));

        Assert.Equal(ErrorCodes.WriteFailed, e.Problems.Single().Code);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task ExportAsync_StreamEndsInTheMiddleOfAFile_IsAnErrorAndNothingKept()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => Export("short", [Chunk("a.txt", "he")]));

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task ExportAsync_TargetHoldsSomething_IsRefusedUntouched()
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "mine.txt"), "mine");

        var e = await Assert.ThrowsAsync<ProblemException>(() => Export("full", [Chunk("a.txt", "x", true)]));

        Assert.Equal((ErrorCodes.WriteFailed, Target), (e.Problems.Single().Code, e.Problems.Single().File));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(Target, "mine.txt")));
    }

    [Fact]
    public async Task ExportAsync_TargetBelowAFile_CannotBeWritten()
    {
        File.WriteAllText(Target, "a file");

        var e = await Assert.ThrowsAsync<ProblemException>(() => Export("below", Path.Combine(Target, "x"), [Chunk("a.txt", "x", true)]));

        Assert.Equal(ErrorCodes.WriteFailed, e.Problems.Single().Code);
    }

    [Fact]
    public async Task ExportAsync_WritingFailsInBetween_SaysWhatToDoAndLeavesNothing()
    {
        // The second file needs a folder where the first file lies: the system refuses it as it refuses what a full disk cannot hold.
        var e = await Assert.ThrowsAsync<ProblemException>(
            () => Export("refused", [Chunk("sub", "x", true), Chunk("sub/b.txt", "x", true)]));

        Assert.Equal((ErrorCodes.WriteFailed, Target), (e.Problems.Single().Code, e.Problems.Single().File));
        Assert.Contains("Free space", e.Message, StringComparison.Ordinal);
        Assert.Contains("the run is not touched", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private Task<IReadOnlyList<string>> Export(string run, params FileChunk?[][] attempts) => Export(run, Target, attempts);

    private Task<IReadOnlyList<string>> Export(string run, string target, params FileChunk?[][] attempts)
    {
        Script.Exports[run] = new(attempts);
        return fixture.Client.GetRun(run).ExportAsync(ExportFormat.Metrics, target);
    }

    private static FileChunk Chunk(string path, string text, bool last = false) => new(path, Encoding.UTF8.GetBytes(text), last);
}
