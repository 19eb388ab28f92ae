using System.Text;

namespace ClinicalGpt.Orleans.Abstractions.Determinism;

/// <summary>Seeds derived from (run, stage, step, sample), so that no draw depends on what was drawn before it, on how
/// many silos there are, or on what died meanwhile.</summary>
public static class Seeds
{
    /// <summary>Derives a 64-bit seed.</summary>
    /// <param name="runSeed">The recipe's seed.</param>
    /// <param name="stage">What the draw is for, for example <c>ppo/rollout</c>.</param>
    /// <param name="step">Step or iteration within the stage.</param>
    /// <param name="sample">Sample within the step.</param>
    public static ulong Derive(long runSeed, string stage, long step = 0, long sample = 0)
    {
        // FNV-1a over the stage's UTF-8 bytes, then one SplitMix64 round for each number: cheap, portable, well mixed.
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes(stage))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return Mix(Mix(Mix(hash ^ (ulong)runSeed) ^ (ulong)step) ^ (ulong)sample);
    }

    /// <summary>The <paramref name="index"/>-th uniform number of a seed's sequence, in [0, 1) with 53 random bits.</summary>
    /// <param name="seed">A seed from <see cref="Derive"/>.</param>
    /// <param name="index">Position in the sequence, for example the token position.</param>
    public static double Uniform(ulong seed, long index) => (Mix(seed ^ Mix((ulong)index)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A permutation of 0..count-1 (Fisher-Yates over <see cref="Uniform"/>).</summary>
    /// <param name="seed">A seed from <see cref="Derive"/>.</param>
    /// <param name="count">Number of elements, at least 0.</param>
    public static int[] Permutation(ulong seed, int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)(Uniform(seed, i) * (i + 1));
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15UL;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
        return x ^ (x >> 31);
    }
}
