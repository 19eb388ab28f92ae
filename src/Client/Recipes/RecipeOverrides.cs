using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Puts <c>key=value</c> overrides into a recipe's nodes. The value is YAML: a number, a text, <c>[a, b]</c>, <c>null</c>.</summary>
internal static class RecipeOverrides
{
    /// <summary>What stands where a file name stands for keys from a file.</summary>
    public const string Source = "--set";

    private static readonly Place Here = new(Source, null);

    /// <summary>Applies the overrides in order; a later one wins.</summary>
    /// <param name="root">The recipe as written; changed in place.</param>
    /// <param name="sets">The overrides.</param>
    /// <returns>Overrides that could not be applied.</returns>
    public static IReadOnlyList<Problem> Apply(MapNode root, IReadOnlyList<string> sets)
    {
        var problems = new List<Problem>();
        foreach (var set in sets)
        {
            var at = set.IndexOf('=', StringComparison.Ordinal);
            var path = at < 0 ? [] : set[..at].Trim().Split('.');
            if (path.Length == 0 || path.Any(string.IsNullOrWhiteSpace))
            {
                problems.Add(new Problem(
                    ErrorCodes.RecipeUnreadable, $"expected key=value, for example ppo.iterations=5, found `{set}`.", Source));
                continue;
            }

            try
            {
                Put(root, path, ReadValue(set[(at + 1)..]));
            }
            catch (ProblemException e)
            {
                problems.AddRange(e.Problems.Select(p => p with { Key = string.Join('.', path) }));
            }
        }

        return problems;
    }

    private static RecipeNode ReadValue(string text) =>
        text.Trim().Length == 0 ? new ScalarNode(Here, "", IsQuoted: false) : YamlReader.Read(text, Source, hasLines: false);

    private static void Put(MapNode root, string[] path, RecipeNode value)
    {
        var map = root;
        foreach (var key in path[..^1])
        {
            var at = map.Entries.FindIndex(e => e.Key == key);
            if (at >= 0 && map.Entries[at].Value is MapNode inner)
            {
                map = inner;
                continue;
            }

            // Absent, or written without keys (`sft:`): the override makes the group. Any other value stays, and is reported.
            if (at >= 0 && map.Entries[at].Value is not ScalarNode { IsEmpty: true } and not ScalarNode { IsNull: true })
            {
                return;
            }

            inner = new MapNode(Here, []);
            Replace(map, key, inner, at);
            map = inner;
        }

        Replace(map, path[^1], value, map.Entries.FindIndex(e => e.Key == path[^1]));
    }

    private static void Replace(MapNode map, string key, RecipeNode value, int at)
    {
        var entry = new MapEntry(key, Here, value);
        if (at >= 0)
        {
            map.Entries[at] = entry;
        }
        else
        {
            map.Entries.Add(entry);
        }
    }
}
