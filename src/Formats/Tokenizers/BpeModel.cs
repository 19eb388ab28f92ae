using System.Collections.Concurrent;
using System.Text;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Options of a <see cref="BpeModel"/>, as tokenizer.json names them.</summary>
/// <param name="UnknownId">Id for what the vocabulary lacks, or null to drop it.</param>
/// <param name="FuseUnknown">Whether neighbouring unknown characters make one token.</param>
/// <param name="ByteFallback">Whether an unknown character becomes its bytes' tokens, <c>&lt;0xE4&gt;</c>.</param>
/// <param name="IgnoreMerges">Whether a piece that is in the vocabulary is taken whole, whatever the merges say.</param>
internal sealed record BpeModelOptions(int? UnknownId, bool FuseUnknown, bool ByteFallback, bool IgnoreMerges);

/// <summary>Byte-pair encoding: characters, merged in the order of the ranks of their pairs. Thread-safe.</summary>
internal sealed class BpeModel
{
    private const int MaxCachedWords = 50_000;
    private const int MaxCachedLength = 256;

    private readonly Dictionary<string, int> _vocabulary;
    private readonly Dictionary<long, (int Rank, int Id)> _merges;
    private readonly BpeModelOptions _options;
    private readonly int?[] _byteIds = new int?[256];
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);

    /// <summary>A model.</summary>
    /// <param name="vocabulary">Token to id.</param>
    /// <param name="merges">Pair (left id in the upper, right id in the lower 32 bits) to rank and merged id.</param>
    /// <param name="options">The options.</param>
    public BpeModel(
        Dictionary<string, int> vocabulary, Dictionary<long, (int Rank, int Id)> merges, BpeModelOptions options)
    {
        _vocabulary = vocabulary;
        _merges = merges;
        _options = options;
        for (var value = 0; value < 256; value++)
        {
            _byteIds[value] = vocabulary.TryGetValue($"<0x{value:X2}>", out var id) ? id : null;
        }
    }

    /// <summary>The key of a pair in the merge table.</summary>
    public static long Pair(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>Appends the ids of one piece.</summary>
    public void Encode(string piece, List<int> ids)
    {
        if (_cache.TryGetValue(piece, out var cached))
        {
            ids.AddRange(cached);
            return;
        }

        var encoded = _options.IgnoreMerges && _vocabulary.TryGetValue(piece, out var whole)
            ? [whole]
            : BpeMerger.Merge(Symbols(piece), _merges);
        if (piece.Length <= MaxCachedLength && _cache.Count < MaxCachedWords)
        {
            _cache.TryAdd(piece, encoded);
        }

        ids.AddRange(encoded);
    }

    private List<int> Symbols(string piece)
    {
        var symbols = new List<int>(piece.Length);
        int? unknown = null;
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in piece.EnumerateRunes())
        {
            if (_vocabulary.TryGetValue(rune.ToString(), out var id))
            {
                Flush();
                symbols.Add(id);
            }
            else if (!TryBytes(rune, bytes, symbols) && _options.UnknownId is { } unknownId)
            {
                if (!_options.FuseUnknown)
                {
                    Flush();
                }

                unknown = unknownId;
            }
        }

        Flush();
        return symbols;

        void Flush()
        {
            if (unknown is { } pending)
            {
                symbols.Add(pending);
                unknown = null;
            }
        }
    }

    private bool TryBytes(Rune rune, Span<byte> buffer, List<int> symbols)
    {
        if (!_options.ByteFallback)
        {
            return false;
        }

        var bytes = buffer[..rune.EncodeToUtf8(buffer)];
        foreach (var value in bytes)
        {
            if (_byteIds[value] is null)
            {
                return false;
            }
        }

        foreach (var value in bytes)
        {
            symbols.Add(_byteIds[value]!.Value);
        }

        return true;
    }
}
