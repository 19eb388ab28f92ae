using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Cli.Demo;

/// <summary>Which run a demo means. Ids are <c>demo-HASH-N</c>: the recipe's hash, and a number for each time anew.</summary>
internal static class DemoRunId
{
    /// <summary>The unfinished demo run of this recipe if there is one, else the next new one.</summary>
    /// <param name="runs">Runs there are.</param>
    /// <param name="recipeHash">Hash of the resolved recipe.</param>
    /// <param name="fresh">Never go on with an old one.</param>
    public static (string Id, bool Continues) Choose(IReadOnlyList<RunSummary> runs, string recipeHash, bool fresh)
    {
        var stem = $"demo-{recipeHash[..8]}-";
        var earlier = runs
            .Select(r => (r.RunId, r.Status, Number: NumberOf(r.RunId, stem)))
            .Where(r => r.Number > 0)
            .OrderByDescending(r => r.Number)
            .ToArray();
        return earlier is [var last, ..] && !fresh && last.Status is not (RunStatus.Completed or RunStatus.Cancelled)
            ? (last.RunId, true)
            : (stem + (earlier.FirstOrDefault().Number + 1).ToString(System.Globalization.CultureInfo.InvariantCulture), false);
    }

    private static int NumberOf(string id, string stem) =>
        id.StartsWith(stem, StringComparison.Ordinal) && int.TryParse(id.AsSpan(stem.Length), out var number) ? number : 0;
}
