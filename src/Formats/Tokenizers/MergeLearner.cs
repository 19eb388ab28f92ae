using System.Runtime.InteropServices;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Learns merges one by one: always the pair that occurs most often, the ordinally first of several.</summary>
/// <remarks>Each distinct word is held once with its count. A merge touches only the words its pair occurs in; counts in the
/// queue are corrected when a pair comes up.</remarks>
internal sealed class MergeLearner
{
    private readonly List<string> _tokens;
    private readonly long _minCount;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<(int Left, int Right)> _learned = [];
    private readonly List<List<int>> _words = [];
    private readonly List<long> _wordCounts = [];
    private readonly Dictionary<(int Left, int Right), long> _pairCounts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> _wordsOfPair = [];
    private readonly PriorityQueue<(int Left, int Right), Candidate> _queue = new();

    /// <summary>A learner.</summary>
    /// <param name="words">Distinct words in byte-level characters, with their counts.</param>
    /// <param name="tokens">The vocabulary so far; what is learned is appended.</param>
    /// <param name="minCount">How often a pair must occur.</param>
    public MergeLearner(IReadOnlyDictionary<string, long> words, List<string> tokens, long minCount)
    {
        _tokens = tokens;
        _minCount = minCount;
        for (var id = 0; id < tokens.Count; id++)
        {
            _ids.Add(tokens[id], id);
        }

        foreach (var (word, count) in words)
        {
            var symbols = word.Select(character => _ids[character.ToString()]).ToList();
            for (var i = 0; i + 1 < symbols.Count; i++)
            {
                Count((symbols[i], symbols[i + 1]), _words.Count, count);
            }

            _words.Add(symbols);
            _wordCounts.Add(count);
        }

        foreach (var pair in _pairCounts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <summary>Learns the next merge; false where no pair occurs often enough.</summary>
    public bool TryLearn(out (string Left, string Right) merge)
    {
        while (_queue.TryDequeue(out var pair, out var candidate))
        {
            if (_pairCounts.GetValueOrDefault(pair) != candidate.Count)
            {
                Enqueue(pair); // it was counted before other merges took some of its places
                continue;
            }

            merge = (_tokens[pair.Left], _tokens[pair.Right]);
            Apply(pair, IdOf(merge.Left + merge.Right));
            if (_learned.Add(pair))
            {
                return true;
            }

            // A pair can form again after it was learned, where a later merge spells one of its halves anew.
        }

        merge = default;
        return false;
    }

    // Two merges may spell one token, (ab, c) and (a, bc): the second is a merge, but no new entry.
    private int IdOf(string token)
    {
        if (!_ids.TryGetValue(token, out var id))
        {
            id = _tokens.Count;
            _ids.Add(token, id);
            _tokens.Add(token);
        }

        return id;
    }

    private void Apply((int Left, int Right) pair, int merged)
    {
        var changed = new HashSet<(int Left, int Right)>();
        foreach (var word in _wordsOfPair[pair].Order().ToList())
        {
            ApplyTo(word, pair, merged, changed);
        }

        _pairCounts.Remove(pair);
        _wordsOfPair.Remove(pair);
        foreach (var grown in changed)
        {
            Enqueue(grown);
        }
    }

    private void ApplyTo(int word, (int Left, int Right) pair, int merged, HashSet<(int Left, int Right)> grown)
    {
        var symbols = _words[word];
        var count = _wordCounts[word];
        for (var i = 0; i + 1 < symbols.Count; i++)
        {
            if (symbols[i] != pair.Left || symbols[i + 1] != pair.Right)
            {
                continue;
            }

            if (i > 0)
            {
                Count((symbols[i - 1], pair.Left), word, -count);
                Grow((symbols[i - 1], merged));
            }

            if (i + 2 < symbols.Count)
            {
                Count((pair.Right, symbols[i + 2]), word, -count);
                Grow((merged, symbols[i + 2]));
            }

            symbols[i] = merged;
            symbols.RemoveAt(i + 1);
        }

        void Grow((int Left, int Right) neighbour)
        {
            Count(neighbour, word, count);
            grown.Add(neighbour);
        }
    }

    private void Count((int Left, int Right) pair, int word, long change)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(_pairCounts, pair, out _) += change;
        if (change > 0)
        {
            ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOfPair, pair, out _);
            (words ??= []).Add(word);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        var count = _pairCounts.GetValueOrDefault(pair);
        if (count >= _minCount)
        {
            _queue.Enqueue(pair, new Candidate(count, _tokens[pair.Left], _tokens[pair.Right]));
        }
    }

    /// <summary>A pair's place in the queue: more often first, then in ordinal order.</summary>
    private readonly record struct Candidate(long Count, string Left, string Right) : IComparable<Candidate>
    {
        public int CompareTo(Candidate other)
        {
            var byCount = other.Count.CompareTo(Count);
            if (byCount != 0)
            {
                return byCount;
            }

            var byLeft = string.CompareOrdinal(Left, other.Left);
            return byLeft != 0 ? byLeft : string.CompareOrdinal(Right, other.Right);
        }
    }
}
