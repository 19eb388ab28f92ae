using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Client.Connection;

namespace ClinicalGpt.Orleans.Client.Runs;

/// <summary>Writes chunks to a temporary folder and moves it to its name at the end.</summary>
internal static class ExportFolder
{
    /// <summary>Fills a folder from a stream, beginning anew when the stream breaks because a silo was lost.</summary>
    public static async Task<IReadOnlyList<string>> WriteAsync(
        string folder,
        Func<CancellationToken, IAsyncEnumerable<FileChunk>> open,
        ClusterCalls calls,
        CancellationToken cancellationToken)
    {
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Refuse(target);
        var partial = $"{target}.partial-{Guid.NewGuid():N}";
        try
        {
            var files = await calls.RepeatAsync(
                progress => FillAsync(partial, open(cancellationToken), progress, cancellationToken), cancellationToken);
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }

            Directory.Move(partial, target);
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(
                ErrorCodes.WriteFailed,
                $"the export cannot be written: {e.Message.TrimEnd('.')}. Free space there, or name a folder that may be written, and export again; "
                + "the run is not touched, and nothing was left behind.",
                target);
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
    }

    private static void Refuse(string target)
    {
        if (File.Exists(target))
        {
            throw new ProblemException(ErrorCodes.WriteFailed, "is a file; name a folder that is new or empty.", target);
        }

        if (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any())
        {
            throw new ProblemException(
                ErrorCodes.WriteFailed, "is not empty; name a folder that is new or empty, nothing is overwritten.", target);
        }
    }

    private static async Task<IReadOnlyList<string>> FillAsync(
        string root, IAsyncEnumerable<FileChunk> chunks, Action progress, CancellationToken cancellationToken)
    {
        if (Directory.Exists(root))
        {
            Directory.Delete(root, recursive: true);
        }

        Directory.CreateDirectory(root);
        var files = new List<string>();
        FileStream? file = null;
        try
        {
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                if (file is null)
                {
                    file = Create(root, chunk.Path);
                    files.Add(chunk.Path);
                }
                else if (files[^1] != chunk.Path)
                {
                    throw new InvalidDataException($"The export went on with {chunk.Path} before the end of {files[^1]}.");
                }

                await file.WriteAsync(chunk.Data, cancellationToken);
                if (chunk.Last)
                {
                    await file.DisposeAsync();
                    file = null;
                }

                progress();
            }

            return file is null ? files : throw new InvalidDataException($"The export ended in the middle of {files[^1]}.");
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync();
            }
        }
    }

    private static FileStream Create(string root, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(root, relative));
        if (relative.Length == 0 || !path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new ProblemException(
                ErrorCodes.WriteFailed, $"the cluster sent the file name `{relative}`, which lies outside the folder; nothing was kept.", root);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, FileMode.CreateNew, FileAccess.Write);
    }
}
