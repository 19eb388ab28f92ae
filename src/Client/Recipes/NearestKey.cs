namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Finds the key somebody probably meant.</summary>
internal static class NearestKey
{
    /// <summary>The best of the candidates, when it is near enough to be worth naming; null otherwise. Case, <c>_</c> and
    /// <c>-</c> do not count.</summary>
    public static string? Find(string written, IEnumerable<string> candidates)
    {
        var target = Fold(written);
        var best = candidates
            .Select(c => (Key: c, Distance: Distance(target, Fold(c))))
            .OrderBy(c => c.Distance)
            .FirstOrDefault();
        return best.Key is not null && best.Distance <= Math.Max(1, target.Length / 3) ? best.Key : null;
    }

    private static string Fold(string key) =>
        key.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    // Optimal string alignment: insert, delete, replace, swap neighbours.
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            d[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            d[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
