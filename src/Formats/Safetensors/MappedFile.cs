using System.Buffers;
using System.Collections.Concurrent;
using System.IO.MemoryMappedFiles;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>A file mapped read-only into memory.</summary>
/// <remarks>A mapping stays for the life of the process, once per version of a file: a span over it can then never point
/// at memory that is gone, and no caller has to keep anything alive. Its pages are the system's file cache, not our heap.</remarks>
internal sealed unsafe class MappedFile
{
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), Lazy<MappedFile>> Mapped = new();

    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;

    private MappedFile(string path, long length)
    {
        Length = length;
        if (length == 0)
        {
            return; // an empty file cannot be mapped
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using var file = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Bytes of the file.</summary>
    public long Length { get; }

    /// <summary>Maps a file, or finds its mapping.</summary>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: it is not there or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            var info = new FileInfo(path);
            if (!info.Exists)
            {
                throw new ProblemException(ErrorCodes.ModelMissing, "the file does not exist", path);
            }

            var key = (info.FullName, info.Length, info.LastWriteTimeUtc);
            return Mapped.GetOrAdd(key, k => new Lazy<MappedFile>(
                () => new MappedFile(k.Path, k.Length), LazyThreadSafetyMode.PublicationOnly)).Value;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"the file cannot be read: {e.Message}", path);
        }
    }

    /// <summary>A view of part of the file.</summary>
    public ReadOnlyMemory<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        return length == 0 ? ReadOnlyMemory<byte>.Empty : new Part(_start + offset, length).Memory;
    }

    private sealed class Part(byte* start, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
            // Mapped memory never moves.
        }

        protected override void Dispose(bool disposing)
        {
            // The mapping belongs to the process.
        }
    }
}
