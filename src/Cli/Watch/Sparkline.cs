namespace ClinicalGpt.Orleans.Cli.Watch;

/// <summary>A curve in one line of text.</summary>
internal static class Sparkline
{
    private const string Levels = "▁▂▃▄▅▆▇█";

    /// <summary>Draws values between their own minimum and maximum; more values than columns are averaged.</summary>
    /// <param name="values">Finite numbers, oldest first.</param>
    /// <param name="width">Most characters.</param>
    public static string Draw(IReadOnlyList<double> values, int width)
    {
        if (values.Count == 0 || width < 1)
        {
            return "";
        }

        var columns = Math.Min(width, values.Count);
        var means = Enumerable.Range(0, columns)
            .Select(c => Mean(values, c * values.Count / columns, (c + 1) * values.Count / columns))
            .ToArray();
        var (low, high) = (means.Min(), means.Max());
        return string.Concat(means.Select(m => Levels[high > low ? (int)((m - low) / (high - low) * (Levels.Length - 1)) : Levels.Length / 2]));
    }

    private static double Mean(IReadOnlyList<double> values, int from, int to) => Enumerable.Range(from, to - from).Average(i => values[i]);
}
