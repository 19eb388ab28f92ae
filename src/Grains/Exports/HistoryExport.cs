using System.Globalization;
using System.Text;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Formats;
using ClinicalGpt.Orleans.Formats.TensorBoard;

namespace ClinicalGpt.Orleans.Grains.Exports;

/// <summary>Metrics, samples and the evaluation report as files.</summary>
/// <param name="store">Commits.</param>
public sealed class HistoryExport(IRunStore store)
{
    private const int SamplesPage = 1000;

    /// <summary>metrics.jsonl, metrics.csv and a TensorBoard event file: single steps of the trained stages, PPO iterations.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> MetricsAsync(ExportScope scope)
    {
        var rows = new List<MetricRow>();
        foreach (var stage in scope.Recipe.Stages())
        {
            var iterations = await store.GetIterationsAsync(scope.Run.RunId, stage, 0, scope.Cancellation);
            var steps = await store.GetStepsAsync(scope.Run.RunId, stage, scope.Cancellation);
            rows.AddRange(steps.Count > 0
                ? steps.Select(s => new MetricRow(stage, s.Step, s.Values, []))
                : iterations.Select(i => new MetricRow(stage, i.Iteration, i.Metrics, i.Timings)));
        }

        return
        [
            new("metrics.jsonl", Lines(rows.Select(r => JsonSerializer.Serialize(r, RecipeJson.Options)))),
            new("metrics.csv", Csv(rows)),
            new($"tensorboard/events.out.tfevents.{scope.Run.CreatedAt.ToUnixTimeSeconds()}.{scope.Run.RunId}", EventFileWriter.Write(Events(scope, rows))),
        ];
    }

    /// <summary>samples.jsonl: every training sample with its provenance.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> SamplesAsync(ExportScope scope)
    {
        var lines = new List<string>();
        IReadOnlyList<SampleView> page;
        do
        {
            page = await store.GetSamplesAsync(
                scope.Run.RunId, new SampleQuery { Limit = SamplesPage, Offset = lines.Count }, scope.Cancellation);
            lines.AddRange(page.Select(s => JsonSerializer.Serialize(s, RecipeJson.Options)));
        }
        while (page.Count == SamplesPage);

        return [new("samples.jsonl", Lines(lines))];
    }

    /// <summary>report.json and report.md: every evaluation with cases and intervals.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> ReportAsync(ExportScope scope)
    {
        var results = await store.GetEvaluationsAsync(scope.Run.RunId, scope.Cancellation);
        var views = results.Select(r => new { r.Name, r.Cases, r.Values, r.Intervals, r.Samples });
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                scope.Run.RunId,
                scope.Recipe.Name,
                scope.Run.RecipeHash,
                scope.Recipe.Seed,
                Base = scope.Progress.Base?.ContentHash,
                Evaluations = views,
            },
            new JsonSerializerOptions(RecipeJson.Options) { WriteIndented = true });
        return [new("report.json", json), new("report.md", Encoding.UTF8.GetBytes(ReportMarkdown.Render(scope, results)))];
    }

    private static IEnumerable<ScalarEvent> Events(ExportScope scope, IEnumerable<MetricRow> rows) =>
        from row in rows
        from metric in row.Metrics
        where double.IsFinite(metric.Value)
        select new ScalarEvent($"{row.Stage}/{metric.Key}", row.Step, scope.Run.CreatedAt.ToUnixTimeMilliseconds() / 1000.0, metric.Value);

    private static byte[] Csv(IReadOnlyList<MetricRow> rows)
    {
        string[] names = [.. rows.SelectMany(r => r.Metrics.Keys).Distinct().Order(StringComparer.Ordinal)];
        var lines = new List<string> { string.Join(',', ["stage", "step", .. names]) };
        lines.AddRange(rows.Select(r => string.Join(
            ',',
            [r.Stage, r.Step.ToString(CultureInfo.InvariantCulture), .. names.Select(n => r.Metrics.TryGetValue(n, out var v) ? v.ToString("R", CultureInfo.InvariantCulture) : "")])));
        return Lines(lines);
    }

    private static byte[] Lines(IEnumerable<string> lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n")));

    private sealed record MetricRow(string Stage, int Step, Dictionary<string, double> Metrics, Dictionary<string, double> Timings);
}
