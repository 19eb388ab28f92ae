using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>Writes a report where the user asked for it.</summary>
public static class ReportFile
{
    /// <summary>Writes the text, making the folder where there is none.</summary>
    /// <param name="path">The file; null: nothing is written.</param>
    /// <param name="text">Its text.</param>
    /// <param name="option">The option that names it, for the error.</param>
    /// <exception cref="ProblemException">CGPT4011: it cannot be written.</exception>
    public static async Task WriteAsync(string? path, string text, string option)
    {
        if (path is null)
        {
            return;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            await File.WriteAllTextAsync(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.WriteFailed, $"the report cannot be written: {e.Message}", path, key: option);
        }
    }
}
