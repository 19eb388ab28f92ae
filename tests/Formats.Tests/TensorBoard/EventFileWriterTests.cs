using System.Buffers.Binary;
using System.Text;
using ClinicalGpt.Orleans.Formats.TensorBoard;

namespace ClinicalGpt.Orleans.Formats.Tests.TensorBoard;

public sealed class EventFileWriterTests
{
    [Fact]
    public void Compute_KnownVectors_EqualsRfc3720()
    {
        // RFC 3720, B.4: 32 zeros, 32 ones, 0..31; and the customary check value.
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));
    }

    [Fact]
    public void Write_NoEvents_IsTheVersionRecordTensorBoardWrites()
    {
        var file = EventFileWriter.Write([]);

        // wall_time (field 1, fixed64) 0, file_version (field 3) "brain.Event:2"
        byte[] message = [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x1A, 13, .. "brain.Event:2"u8];
        Assert.Equal(message, Assert.Single(Records(file)));
    }

    [Fact]
    public void Write_Scalars_ParseBack()
    {
        ScalarEvent[] events =
        [
            new("objective/kl", 1, 1.5, 0.25), new("reward", 300, 2.5, -3), new("loss", long.MaxValue, 1e9, double.NaN),
        ];

        var records = Records(EventFileWriter.Write(events));

        Assert.Equal(4, records.Count);
        Assert.Equal(events, records.Skip(1).Select(ReadScalar));
    }

    [Fact]
    public void Write_SameEvents_SameBytes()
    {
        ScalarEvent[] events = [new("a", 1, 2, 3), new("b", 1, 2, 3)];

        Assert.Equal(EventFileWriter.Write(events), EventFileWriter.Write(events));
    }

    private static List<byte[]> Records(byte[] file)
    {
        var records = new List<byte[]>();
        for (var position = 0; position < file.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(position));
            var data = file.AsSpan(position + 12, length);
            CheckChecksum(file.AsSpan(position, 8), file.AsSpan(position + 8, 4));
            CheckChecksum(data, file.AsSpan(position + 12 + length, 4));
            records.Add(data.ToArray());
            position += 16 + length;
        }

        return records;
    }

    private static void CheckChecksum(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> stored)
    {
        // Undo the mask as a reader does: subtract the constant, rotate back.
        var rotated = BinaryPrimitives.ReadUInt32LittleEndian(stored) - 0xA282EAD8u;
        Assert.Equal(Crc32C.Compute(bytes), (rotated >> 17) | (rotated << 15));
    }

    private static ScalarEvent ReadScalar(byte[] message)
    {
        var fields = Fields(message);
        var value = Fields(Fields(fields[5])[1]);
        return new ScalarEvent(
            Encoding.UTF8.GetString(value[1]),
            BitConverter.ToInt64(fields[2]),
            BitConverter.ToDouble(fields[1]),
            BitConverter.ToSingle(value[2]));
    }

    private static Dictionary<int, byte[]> Fields(byte[] message)
    {
        var fields = new Dictionary<int, byte[]>();
        for (var position = 0; position < message.Length;)
        {
            var key = (int)Varint(message, ref position);
            var length = (key & 7) switch { 1 => 8, 5 => 4, 2 => (int)Varint(message, ref position), _ => 0 };
            fields[key >> 3] = (key & 7) == 0
                ? BitConverter.GetBytes(Varint(message, ref position))
                : message[position..(position += length)];
        }

        return fields;
    }

    private static long Varint(byte[] message, ref int position)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[position++];
            value |= (long)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
