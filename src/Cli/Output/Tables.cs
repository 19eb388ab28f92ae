using Spectre.Console;
using Spectre.Console.Rendering;

namespace ClinicalGpt.Orleans.Cli.Output;

/// <summary>Tables in one style. Cells are text, never markup: an answer may hold brackets.</summary>
internal static class Tables
{
    public static Table Create(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))));
        }

        return table;
    }

    public static void Line(this Table table, params string[] cells) => table.AddRow(cells.Select(c => (IRenderable)new Text(c)));
}
