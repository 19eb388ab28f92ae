using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>One process at a time starts or stops the server of a folder. The lock ends with its process.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<IDisposable> AcquireAsync(string folder, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "start.lock");
        var begin = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                Directory.CreateDirectory(folder);
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (UnauthorizedAccessException e)
            {
                throw new ProblemException(ErrorCodes.WriteFailed, $"cannot be written: {e.Message}", file: path);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(begin) < Patience && File.Exists(path))
            {
                await Task.Delay(Pause, cancellationToken);
            }
            catch (IOException e)
            {
                throw new ProblemException(ErrorCodes.WriteFailed, $"cannot be locked: {e.Message}", file: path);
            }
        }
    }
}
