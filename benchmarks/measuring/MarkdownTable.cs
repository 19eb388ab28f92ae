using System.Text;

namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>A Markdown table whose columns are aligned, so that it reads well in a terminal too.</summary>
public sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _lines = [columns];

    /// <summary>Adds a line with one cell for each column.</summary>
    public void Line(params string[] cells) => _lines.Add(cells);

    /// <inheritdoc/>
    public override string ToString()
    {
        var widths = Enumerable.Range(0, columns.Length).Select(i => _lines.Max(l => l[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var line in _lines.Take(1).Append([.. widths.Select(w => new string('-', w))]).Concat(_lines.Skip(1)))
        {
            text.AppendLine($"| {string.Join(" | ", line.Select((cell, i) => cell.PadRight(widths[i])))} |");
        }

        return text.ToString();
    }
}
