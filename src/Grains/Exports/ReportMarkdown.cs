using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Grains.Exports;

/// <summary>The evaluation report for people: one table for each measure and set, one row for each model.</summary>
internal static class ReportMarkdown
{
    public static string Render(ExportScope scope, IReadOnlyList<EvaluationResult> results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Evaluation of run {scope.Run.RunId}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Recipe {scope.Recipe.Name}, seed {scope.Recipe.Seed}, recipe hash {scope.Run.RecipeHash[..12]}. ");
        text.Append("Figures in brackets are 95 % intervals. Not for clinical use.\n");
        foreach (var group in results.GroupBy(r => r.Name[(r.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]))
        {
            AppendTable(text, group.Key, [.. group]);
        }

        return text.ToString();
    }

    private static void AppendTable(StringBuilder text, string title, EvaluationResult[] rows)
    {
        string[] figures = [.. rows.SelectMany(r => r.Values.Keys).Distinct()];
        text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| model | cases | {string.Join(" | ", figures)} |\n");
        text.Append("| --- | ---: |").Append(string.Concat(figures.Select(_ => " ---: |"))).Append('\n');
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name.Split('/')[0]} | {row.Cases} |");
            foreach (var figure in figures)
            {
                text.Append(' ').Append(Cell(row, figure)).Append(" |");
            }

            text.Append('\n');
        }
    }

    private static string Cell(EvaluationResult row, string figure)
    {
        if (!row.Values.TryGetValue(figure, out var value))
        {
            return "";
        }

        var shown = value.ToString("0.000", CultureInfo.InvariantCulture);
        return row.Intervals.TryGetValue(figure, out var interval)
            ? string.Create(CultureInfo.InvariantCulture, $"{shown} [{interval[0]:0.000}, {interval[1]:0.000}]")
            : shown;
    }
}
