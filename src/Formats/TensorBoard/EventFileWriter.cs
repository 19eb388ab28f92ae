using System.Buffers.Binary;

namespace ClinicalGpt.Orleans.Formats.TensorBoard;

/// <summary>Writes TensorBoard event files: TFRecords of protobuf <c>Event</c> messages.</summary>
/// <remarks>TensorBoard finds a file whose name holds <c>tfevents</c>, for example <c>events.out.tfevents.RUN</c>.</remarks>
public static class EventFileWriter
{
    // Field numbers of tensorflow/core/util/event.proto and framework/summary.proto.
    private const int EventWallTime = 1;
    private const int EventStep = 2;
    private const int EventFileVersion = 3;
    private const int EventSummary = 5;
    private const int SummaryValue = 1;
    private const int ValueTag = 1;
    private const int ValueSimple = 2;

    /// <summary>A whole event file.</summary>
    /// <param name="events">The points, in the order they are written.</param>
    /// <returns>The file's bytes; identical for identical input.</returns>
    public static byte[] Write(IEnumerable<ScalarEvent> events)
    {
        var points = events.ToList();
        using var file = new MemoryStream();
        var firstTime = points.Count > 0 ? points[0].WallTimeSeconds : 0;
        WriteRecord(file, new ProtobufWriter().Double(EventWallTime, firstTime).Text(EventFileVersion, "brain.Event:2"));
        foreach (var point in points)
        {
            var value = new ProtobufWriter().Text(ValueTag, point.Tag).Float(ValueSimple, (float)point.Value);
            WriteRecord(file, new ProtobufWriter()
                .Double(EventWallTime, point.WallTimeSeconds)
                .Int64(EventStep, point.Step)
                .Message(EventSummary, new ProtobufWriter().Message(SummaryValue, value)));
        }

        return file.ToArray();
    }

    // Length, its checksum, the message, its checksum.
    private static void WriteRecord(MemoryStream file, ProtobufWriter message)
    {
        var data = message.ToArray();
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(number, (ulong)data.Length);
        file.Write(number);
        WriteChecksum(file, number);
        file.Write(data);
        WriteChecksum(file, data);
    }

    private static void WriteChecksum(MemoryStream file, ReadOnlySpan<byte> bytes)
    {
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.Masked(bytes));
        file.Write(checksum);
    }
}
