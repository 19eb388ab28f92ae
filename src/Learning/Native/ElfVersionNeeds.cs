using System.Buffers.Binary;
using System.Text;

namespace ClinicalGpt.Orleans.Learning.Native;

/// <summary>Relaxes one symbol-version demand of a 64-bit little-endian ELF library held in memory.</summary>
internal static class ElfVersionNeeds
{
    private const uint SectionVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 2;

    /// <summary>Marks every need for a version as weak, so that the loader warns instead of refusing.</summary>
    /// <param name="elf">The library's bytes, changed in place.</param>
    /// <param name="version">Version name, for example <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>Number of needs relaxed.</returns>
    public static int Relax(byte[] elf, string version)
    {
        if (elf.Length < 64 || U32(elf, 0) != 0x464C457F || elf[4] != 2)
        {
            throw new InvalidDataException("not a 64-bit ELF library");
        }

        var (headers, size, count, relaxed) = ((long)U64(elf, 0x28), U16(elf, 0x3A), U16(elf, 0x3C), 0);
        for (var i = 0; i < count; i++)
        {
            var section = headers + (long)i * size;
            if (U32(elf, section + 4) == SectionVersionNeeds)
            {
                var strings = (long)U64(elf, headers + (long)U32(elf, section + 0x28) * size + 0x18);
                relaxed += RelaxSection(elf, (long)U64(elf, section + 0x18), strings, version);
            }
        }

        return relaxed;
    }

    private static int RelaxSection(byte[] elf, long need, long strings, string version)
    {
        var relaxed = 0;
        while (true)
        {
            for (var entry = need + U32(elf, need + 8); ;)
            {
                if (Text(elf, strings + U32(elf, entry + 8)) == version)
                {
                    var flags = (ushort)(U16(elf, entry + 4) | FlagWeak);
                    BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan((int)entry + 4), flags);
                    relaxed++;
                }

                var nextEntry = U32(elf, entry + 12);
                if (nextEntry == 0)
                {
                    break;
                }

                entry += nextEntry;
            }

            var next = U32(elf, need + 12);
            if (next == 0)
            {
                return relaxed;
            }

            need += next;
        }
    }

    private static string Text(byte[] elf, long at)
    {
        var tail = elf.AsSpan((int)at);
        return Encoding.ASCII.GetString(tail[..tail.IndexOf((byte)0)]);
    }

    private static ulong U64(byte[] elf, long at) => BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan((int)at));

    private static uint U32(byte[] elf, long at) => BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan((int)at));

    private static ushort U16(byte[] elf, long at) => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan((int)at));
}
