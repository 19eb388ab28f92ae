using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Benchmarks.Criteria;

namespace ClinicalGpt.Orleans.Benchmarks.Report;

/// <summary>PPO over its iterations as an SVG picture: score, KL and exactness on the development split, a colour for each
/// seed, dashed for the control with shuffled scores.</summary>
internal static class LearningCurves
{
    private const int Width = 360;
    private const int Height = 220;
    private const int Margin = 48;
    private static readonly string[] Colours = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf"];
    private static readonly (string Metric, string Title)[] Panels =
    [
        (MetricNames.Scores, "reward model score (normalised)"),
        (MetricNames.Kl, "KL to SFT, nats per sequence"),
        (MetricNames.DevExact, "exact on the development split"),
    ];

    /// <summary>Draws the curves.</summary>
    public static string Draw(IReadOnlyList<SeedResult> seeds)
    {
        var svg = new StringBuilder();
        var (width, height) = (Panels.Length * (Width + Margin) + Margin, Height + (2 * Margin));
        svg.AppendLine(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>");
        for (var i = 0; i < Panels.Length; i++)
        {
            Panel(svg, Margin + (i * (Width + Margin)), Panels[i].Title, Lines(seeds, Panels[i].Metric));
        }

        for (var i = 0; i < seeds.Count; i++)
        {
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Margin + (i * 90)}\" y=\"{height - 8}\" fill=\"{Colours[i % Colours.Length]}\">seed {seeds[i].Seed}</text>");
        }

        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{Margin + (seeds.Count * 90)}\" y=\"{height - 8}\">dashed: scores shuffled (control)</text>");
        return svg.AppendLine("</svg>").ToString();
    }

    private static List<Line> Lines(IReadOnlyList<SeedResult> seeds, string metric)
    {
        var lines = new List<Line>();
        foreach (var (seed, i) in seeds.Select((s, i) => (s, i)))
        {
            lines.Add(new Line(Points(seed.Main.Ppo, metric), Colours[i % Colours.Length], false));
            lines.Add(new Line(Points(seed.Shuffled?.Ppo ?? [], metric), Colours[i % Colours.Length], true));
        }

        return [.. lines.Where(l => l.Points.Length > 0)];
    }

    private static (double X, double Y)[] Points(IReadOnlyList<IterationView> iterations, string metric) =>
    [
        .. from i in iterations
           where i.Metrics.TryGetValue(metric, out var value) && double.IsFinite(value)
           select ((double)i.Iteration + 1, i.Metrics[metric]),
    ];

    private static void Panel(StringBuilder svg, int left, string title, List<Line> lines)
    {
        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{left}\" y=\"{Margin - 12}\">{title}, per iteration</text>");
        svg.AppendLine(CultureInfo.InvariantCulture, $"<rect x=\"{left}\" y=\"{Margin}\" width=\"{Width}\" height=\"{Height}\" fill=\"none\" stroke=\"#bbb\"/>");
        if (lines.Count == 0)
        {
            return;
        }

        var all = lines.SelectMany(l => l.Points).ToArray();
        var (low, high, last) = (Math.Min(0, all.Min(p => p.Y)), all.Max(p => p.Y), all.Max(p => p.X));
        high = high > low ? high : low + 1;
        foreach (var (value, y) in new[] { (high, Margin + 10), (low, Margin + Height) })
        {
            svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{left - 4}\" y=\"{y}\" text-anchor=\"end\">{value:0.##}</text>");
        }

        svg.AppendLine(CultureInfo.InvariantCulture, $"<text x=\"{left + Width}\" y=\"{Margin + Height + 16}\" text-anchor=\"end\">{last:0}</text>");
        foreach (var line in lines)
        {
            var points = line.Points.Select(p => string.Create(
                CultureInfo.InvariantCulture,
                $"{left + (Width * p.X / last):0.#},{Margin + Height - (Height * (p.Y - low) / (high - low)):0.#}"));
            svg.AppendLine(
                CultureInfo.InvariantCulture,
                $"<polyline points=\"{string.Join(' ', points)}\" fill=\"none\" stroke=\"{line.Colour}\" stroke-width=\"1.5\"{(line.IsDashed ? " stroke-dasharray=\"5 4\"" : "")}/>");
        }
    }

    private sealed record Line((double X, double Y)[] Points, string Colour, bool IsDashed);
}
