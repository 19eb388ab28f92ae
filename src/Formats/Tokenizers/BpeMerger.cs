namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Merges symbols: always the pair of the lowest rank, the leftmost of several.</summary>
/// <remarks>A queue of candidate pairs over a linked list, O(n log n), so that a text without any cut is no trouble.</remarks>
internal static class BpeMerger
{
    /// <summary>Merges until no pair is in the table.</summary>
    /// <param name="symbols">Ids of the characters.</param>
    /// <param name="merges">Pair to rank and merged id.</param>
    public static int[] Merge(List<int> symbols, Dictionary<long, (int Rank, int Id)> merges)
    {
        if (symbols.Count < 2)
        {
            return [.. symbols];
        }

        var ids = symbols.ToArray();
        var next = new int[ids.Length];
        var previous = new int[ids.Length];
        var queue = new PriorityQueue<(int Left, int LeftId, int RightId), long>();
        for (var i = 0; i < ids.Length; i++)
        {
            next[i] = i + 1 < ids.Length ? i + 1 : -1;
            previous[i] = i - 1;
        }

        for (var i = 0; i + 1 < ids.Length; i++)
        {
            Enqueue(i);
        }

        while (queue.TryDequeue(out var pair, out _))
        {
            var right = next[pair.Left];
            if (right < 0 || ids[pair.Left] != pair.LeftId || ids[right] != pair.RightId)
            {
                continue; // one of the two has been merged meanwhile
            }

            ids[pair.Left] = merges[BpeModel.Pair(pair.LeftId, pair.RightId)].Id;
            ids[right] = -1;
            next[pair.Left] = next[right];
            if (next[right] >= 0)
            {
                previous[next[right]] = pair.Left;
                Enqueue(pair.Left);
            }

            if (previous[pair.Left] >= 0)
            {
                Enqueue(previous[pair.Left]);
            }
        }

        return Array.FindAll(ids, id => id >= 0);

        void Enqueue(int left)
        {
            if (merges.TryGetValue(BpeModel.Pair(ids[left], ids[next[left]]), out var merge))
            {
                queue.Enqueue((left, ids[left], ids[next[left]]), ((long)merge.Rank << 32) | (uint)left);
            }
        }
    }
}
