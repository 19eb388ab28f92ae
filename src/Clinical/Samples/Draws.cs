using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>A sequence of draws from one derived seed.</summary>
internal sealed class Draws(long seed, string what, long step = 0)
{
    private readonly ulong _seed = Seeds.Derive(seed, what, step);
    private long _index;

    /// <summary>Uniform in [0, 1).</summary>
    public double Next() => Seeds.Uniform(_seed, _index++);

    /// <summary>Uniform in 0..count-1.</summary>
    public int Below(int count) => (int)(Next() * count);

    /// <summary>Uniform in low..high, both included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>One item, by weights that add up to 1.</summary>
    public T Weighted<T>(IReadOnlyList<(T Item, double Weight)> items)
    {
        var rest = Next();
        foreach (var (item, weight) in items)
        {
            rest -= weight;
            if (rest < 0)
            {
                return item;
            }
        }

        return items[^1].Item;
    }

    /// <summary>The items in a drawn order.</summary>
    public List<T> Shuffle<T>(IReadOnlyList<T> items)
    {
        var order = items.ToList();
        for (var i = order.Count - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>Some of the items, in their own order.</summary>
    public List<T> Subset<T>(IReadOnlyList<T> items, int take)
    {
        var kept = Shuffle(Enumerable.Range(0, items.Count).ToList()).Take(take).Order();
        return [.. kept.Select(i => items[i])];
    }
}
