using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Safetensors;

/// <summary>Writes safetensors. Identical input, in whatever order, gives identical bytes.</summary>
/// <remarks>Tensors of wider elements come first, as in the reference implementation, so that every tensor is aligned to
/// its element size; among equal widths they are in ordinal order of their names. The header is padded to 8 bytes.</remarks>
public static class SafetensorsWriter
{
    /// <summary>Writes to memory.</summary>
    /// <param name="tensors">The tensors; names must differ.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>, or null for none.</param>
    /// <returns>The file's bytes, at most 2 GB; for more see <see cref="WriteFile"/>.</returns>
    /// <exception cref="ArgumentException">Two tensors have one name, or data does not fit shape and dtype.</exception>
    public static byte[] Write(IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Order(tensors);
        var header = Header(ordered, metadata);
        var total = header.Length + ordered.Sum(tensor => (long)tensor.Data.Length);
        if (total > Array.MaxLength)
        {
            throw new ArgumentException($"{total} bytes do not fit into one array; write to a file", nameof(tensors));
        }

        var file = new byte[total];
        header.CopyTo(file, 0);
        var position = header.Length;
        foreach (var tensor in ordered)
        {
            tensor.Data.Span.CopyTo(file.AsSpan(position));
            position += tensor.Data.Length;
        }

        return file;
    }

    /// <summary>The file in pieces: its header, then the data of each tensor as it is, without a copy.</summary>
    /// <param name="tensors">The tensors; names must differ.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>, or null for none.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or data does not fit shape and dtype.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Parts(
        IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Order(tensors);
        return [Header(ordered, metadata), .. ordered.Select(tensor => tensor.Data)];
    }

    /// <summary>Writes to a stream, one tensor after the other, without a copy of the whole.</summary>
    /// <param name="destination">Where to write; stays open.</param>
    /// <param name="tensors">The tensors; names must differ.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>, or null for none.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or data does not fit shape and dtype.</exception>
    public static void Write(
        Stream destination, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = Order(tensors);
        destination.Write(Header(ordered, metadata));
        foreach (var tensor in ordered)
        {
            destination.Write(tensor.Data.Span);
        }
    }

    /// <summary>Writes a file of any size. It appears under its name only when it is complete.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="tensors">The tensors; names must differ.</param>
    /// <param name="metadata">Entries of <c>__metadata__</c>, or null for none.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.WriteFailed"/>: the file cannot be written.</exception>
    /// <exception cref="ArgumentException">Two tensors have one name, or data does not fit shape and dtype.</exception>
    public static void WriteFile(
        string path, IEnumerable<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var partial = path + ".partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write))
            {
                Write(stream, tensors, metadata);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.WriteFailed, $"the file cannot be written: {e.Message}", path);
        }
    }

    private static List<TensorData> Order(IEnumerable<TensorData> tensors)
    {
        var ordered = tensors.ToList();
        ordered.Sort((a, b) =>
        {
            var width = TensorData.ElementSize(b.DType).CompareTo(TensorData.ElementSize(a.DType));
            return width != 0 ? width : string.CompareOrdinal(a.Name, b.Name);
        });
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in ordered)
        {
            if (tensor.Name == "__metadata__" || !names.Add(tensor.Name))
            {
                throw new ArgumentException($"tensor name '{tensor.Name}' is reserved or used twice", nameof(tensors));
            }

            var expected = tensor.Count * TensorData.ElementSize(tensor.DType);
            if (tensor.Data.Length != expected)
            {
                throw new ArgumentException(
                    $"tensor '{tensor.Name}' of shape [{string.Join(", ", tensor.Shape)}] takes {expected} bytes, "
                    + $"it has {tensor.Data.Length}",
                    nameof(tensors));
            }
        }

        return ordered;
    }

    private static byte[] Header(List<TensorData> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                WriteMetadata(json, metadata);
            }

            var position = 0L;
            foreach (var tensor in ordered)
            {
                WriteEntry(json, tensor, position);
                position += tensor.Data.Length;
            }

            json.WriteEndObject();
        }

        var padded = (buffer.WrittenCount + 7) / 8 * 8;
        var header = new byte[SafetensorsHeader.LengthFieldSize + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        buffer.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.LengthFieldSize));
        header.AsSpan(SafetensorsHeader.LengthFieldSize + buffer.WrittenCount).Fill((byte)' ');
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorData tensor, long position)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsDType.NameOf(tensor.DType));
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(position);
        json.WriteNumberValue(position + tensor.Data.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
