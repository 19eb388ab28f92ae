using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>The 256 printable characters that stand for bytes in byte-level vocabularies (GPT-2's table).</summary>
internal static class ByteLevelAlphabet
{
    private static readonly char[] CharOf = BuildCharOf();
    private static readonly Dictionary<char, byte> ByteOf = BuildByteOf();

    /// <summary>The 256 characters in ordinal order.</summary>
    public static IEnumerable<char> Characters => CharOf.Order();

    /// <summary>The UTF-8 bytes of a text, one character each.</summary>
    public static string Encode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return string.Create(bytes.Length, bytes, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = CharOf[source[i]];
            }
        });
    }

    /// <summary>Appends the bytes a token stands for; a token that holds any other character stands for its own UTF-8 bytes.</summary>
    public static void Decode(string token, List<byte> bytes)
    {
        var before = bytes.Count;
        foreach (var character in token)
        {
            if (!ByteOf.TryGetValue(character, out var value))
            {
                bytes.RemoveRange(before, bytes.Count - before);
                bytes.AddRange(Encoding.UTF8.GetBytes(token));
                return;
            }

            bytes.Add(value);
        }
    }

    private static char[] BuildCharOf()
    {
        var table = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++)
        {
            var printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            table[value] = printable ? (char)value : (char)next++;
        }

        return table;
    }

    private static Dictionary<char, byte> BuildByteOf()
    {
        var table = new Dictionary<char, byte>();
        for (var value = 0; value < 256; value++)
        {
            table[CharOf[value]] = (byte)value;
        }

        return table;
    }
}
