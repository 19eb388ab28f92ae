using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>Reads safetensors. Nothing is copied: tensors are views of the bytes or of the mapped file.</summary>
public static class SafetensorsReader
{
    /// <summary>Reads a whole file held in memory.</summary>
    /// <param name="file">The file's bytes; the tensors are views of them.</param>
    /// <param name="describedAs">What the file is called in error messages, for example its path.</param>
    /// <returns>The tensors in the order of their bytes.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelDamaged"/>: header and data do not agree.</exception>
    public static IReadOnlyList<TensorData> Read(ReadOnlyMemory<byte> file, string describedAs)
    {
        var header = ReadHeader(file, describedAs);
        return
        [
            .. header.Entries.Select(entry => new TensorData(
                entry.Name,
                entry.DType,
                entry.Shape,
                file.Slice((int)(header.DataStart + entry.Begin), (int)entry.Length)))
        ];
    }

    /// <summary>Reads <c>__metadata__</c> of a file held in memory.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="describedAs">What the file is called in error messages.</param>
    /// <returns>Its entries; empty where the file has none.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelDamaged"/>: header and data do not agree.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(ReadOnlyMemory<byte> file, string describedAs) =>
        ReadHeader(file, describedAs).Metadata;

    /// <summary>Maps a file into memory; pages are read when they are first touched, and shared between processes.</summary>
    /// <param name="path">The file; it may be larger than 2 GB, a single tensor may not. It must not be shortened in
    /// place while this process lives; replacing it by a new file is fine.</param>
    /// <returns>The tensors by name.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: the file is not there or cannot be read.
    /// <see cref="ErrorCodes.ModelDamaged"/>: header and data do not agree.</exception>
    public static IReadOnlyDictionary<string, TensorData> ReadFile(string path)
    {
        var file = MappedFile.Open(path);
        var start = file.Slice(0, (int)Math.Min(SafetensorsHeader.LengthFieldSize, file.Length));
        var headerLength = SafetensorsHeader.ReadLength(start.Span, file.Length, path);
        var header = SafetensorsHeader.Parse(
            file.Slice(SafetensorsHeader.LengthFieldSize, headerLength), file.Length, path);

        var tensors = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            if (entry.Length > int.MaxValue)
            {
                throw new ProblemException(
                    ErrorCodes.ModelUnsupported,
                    $"tensor '{entry.Name}' has {entry.Length} bytes; a single tensor may have at most {int.MaxValue}",
                    path);
            }

            var data = file.Slice(header.DataStart + entry.Begin, (int)entry.Length);
            tensors.Add(entry.Name, new TensorData(entry.Name, entry.DType, entry.Shape, data));
        }

        return tensors;
    }

    private static SafetensorsHeader ReadHeader(ReadOnlyMemory<byte> file, string describedAs)
    {
        var start = file.Span[..Math.Min(SafetensorsHeader.LengthFieldSize, file.Length)];
        var length = SafetensorsHeader.ReadLength(start, file.Length, describedAs);
        return SafetensorsHeader.Parse(file.Slice(SafetensorsHeader.LengthFieldSize, length), file.Length, describedAs);
    }
}
