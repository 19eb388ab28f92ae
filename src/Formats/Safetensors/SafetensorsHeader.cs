using System.Buffers.Binary;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>One tensor as a safetensors header lists it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">Number format.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after the last.</param>
internal sealed record SafetensorsEntry(string Name, TensorDType DType, long[] Shape, long Begin, long End)
{
    /// <summary>Bytes the tensor takes.</summary>
    public long Length => End - Begin;
}

/// <summary>The checked header of a safetensors file: every byte of the data belongs to exactly one tensor.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Bytes of the header's length field.</summary>
    public const int LengthFieldSize = 8;

    // The limit of the reference implementation: a larger number means this is no safetensors file.
    private const long MaxHeaderLength = 100_000_000;

    private SafetensorsHeader(
        long dataStart, IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata)
    {
        DataStart = dataStart;
        Entries = entries;
        Metadata = metadata;
    }

    /// <summary>Where the data begins in the file.</summary>
    public long DataStart { get; }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>What <c>__metadata__</c> holds.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads the header's length from the file's first bytes.</summary>
    /// <param name="start">Up to eight first bytes.</param>
    /// <param name="fileLength">The whole file's length in bytes.</param>
    /// <param name="file">The file as the user knows it.</param>
    public static int ReadLength(ReadOnlySpan<byte> start, long fileLength, string file)
    {
        if (start.Length < LengthFieldSize)
        {
            throw Damaged(
                file,
                $"the file is truncated: a safetensors file has at least {LengthFieldSize} bytes, the file has {fileLength}; "
                + "download or copy it again");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (length > MaxHeaderLength)
        {
            throw Damaged(
                file,
                $"this is not a safetensors file: its header would have {length} bytes, at most {MaxHeaderLength} are allowed; "
                + "download or copy it again");
        }

        if ((long)length > fileLength - LengthFieldSize)
        {
            throw Truncated(file, LengthFieldSize + (long)length, fileLength);
        }

        return (int)length;
    }

    /// <summary>Parses and checks the header.</summary>
    /// <param name="json">The header's JSON bytes.</param>
    /// <param name="fileLength">The whole file's length in bytes.</param>
    /// <param name="file">The file as the user knows it.</param>
    public static SafetensorsHeader Parse(ReadOnlyMemory<byte> json, long fileLength, string file)
    {
        var entries = new List<SafetensorsEntry>();
        IReadOnlyDictionary<string, string> metadata = new Dictionary<string, string>();
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw Damaged(file, "the header is not a JSON object; download or copy the file again");
            }

            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw Damaged(file, $"the header names tensor '{property.Name}' twice");
                }

                if (property.Name == "__metadata__")
                {
                    metadata = SafetensorsEntryReader.ReadMetadata(property.Value, file);
                }
                else
                {
                    entries.Add(SafetensorsEntryReader.Read(property.Name, property.Value, file));
                }
            }
        }
        catch (JsonException)
        {
            throw Damaged(file, "the header is not JSON: this is not a safetensors file, or it is damaged; download or copy it again");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json's word for a string that is not valid UTF-8.
            throw Damaged(file, "the header holds text that is not UTF-8; download or copy the file again");
        }

        entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        CheckCoverage(entries, LengthFieldSize + json.Length, fileLength, file);
        return new SafetensorsHeader(LengthFieldSize + json.Length, entries, metadata);
    }

    /// <summary>An error about a damaged file.</summary>
    public static ProblemException Damaged(string file, string message) => new(ErrorCodes.ModelDamaged, message, file);

    private static ProblemException Truncated(string file, long expected, long found) => Damaged(
        file,
        $"the file is truncated: header says {expected} bytes, the file has {found}; download or copy it again");

    private static void CheckCoverage(List<SafetensorsEntry> entries, long dataStart, long fileLength, string file)
    {
        var position = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin != position)
            {
                var what = entry.Begin > position ? "leaves a gap after" : "overlaps";
                throw Damaged(
                    file,
                    $"tensor '{entry.Name}' {what} the tensor before it: it begins at byte {entry.Begin}, expected {position}");
            }

            position = entry.End;
        }

        var expected = dataStart + position;
        if (expected > fileLength)
        {
            throw Truncated(file, expected, fileLength);
        }

        if (expected < fileLength)
        {
            throw Damaged(
                file,
                $"the file has {fileLength - expected} bytes after its last tensor: header says {expected} bytes, "
                + $"the file has {fileLength}; download or copy it again");
        }
    }
}
