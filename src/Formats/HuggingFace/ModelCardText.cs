using System.Globalization;
using System.Text;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>Writes a <see cref="ModelCard"/> as README.md.</summary>
internal static class ModelCardText
{
    /// <summary>The card as UTF-8.</summary>
    /// <param name="card">The facts.</param>
    /// <param name="library">The library that loads the folder, <c>transformers</c> or <c>peft</c>.</param>
    /// <param name="task">Hugging Face's name of the task, for example <c>text-generation</c>.</param>
    public static byte[] Write(ModelCard card, string library, string task)
    {
        var text = new StringBuilder();
        Line(text, "---");
        Line(text, $"library_name: {library}");
        Line(text, $"pipeline_tag: {task}");
        Line(text, "tags:");
        Line(text, "- bloom");
        Line(text, "- rlhf");
        Line(text, "---");
        Line(text, "");
        Line(text, $"# {OneLine(card.Title)}");
        Line(text, "");
        Line(text, "**Not for clinical use.** This is a research model. It is not a medical device, its answers can be wrong, and");
        Line(text, "no decision about a patient may rest on them.");
        Line(text, "");
        Line(text, $"- Run: `{OneLine(card.RunId)}`");
        Line(text, $"- Recipe: `{OneLine(card.RecipeName)}`");
        Line(text, $"- Base model: `{OneLine(card.Base)}`");
        if (card.Stages.Count > 0)
        {
            Line(text, "");
            Line(text, "## Stages");
            Line(text, "");
            foreach (var stage in card.Stages)
            {
                Line(text, $"1. {OneLine(stage)}");
            }
        }

        if (card.Metrics.Count > 0)
        {
            Line(text, "");
            Line(text, "## Measurements");
            Line(text, "");
            Line(text, "| name | value |");
            Line(text, "| --- | --- |");
            foreach (var (name, value) in card.Metrics)
            {
                var cell = OneLine(name).Replace("|", "\\|", StringComparison.Ordinal);
                Line(text, $"| {cell} | {value.ToString("G6", CultureInfo.InvariantCulture)} |");
            }
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
