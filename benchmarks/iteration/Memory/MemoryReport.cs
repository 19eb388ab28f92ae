using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using static System.FormattableString;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

/// <summary>Memory over iterations and over runs as Markdown.</summary>
internal static class MemoryReport
{
    private const int Lines = 12;

    public static string Write(IReadOnlyList<MemoryPoint> iterations, IReadOnlyList<MemoryPoint> runs, string command)
    {
        var text = new StringBuilder();
        text.AppendLine("# Memory of a silo").AppendLine();
        text.AppendLine($"`{command}`").AppendLine().AppendLine(Machine.Describe()).AppendLine();
        text.AppendLine(
            """
            One silo process with all roles, watched from inside after a full garbage collection: resident set, TorchSharp's count of live tensors,
            managed heap. The recipe is `recipes/micro.yaml`, smaller still: 8 prompts an iteration. The slope is the median of the slopes between
            all pairs of points after the first 30 %, which is warm-up.
            """).AppendLine();
        Append(text, "One run of many PPO iterations", "iteration", iterations);
        Append(text, "Many runs, one after the other", "runs done", runs);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, string what, IReadOnlyList<MemoryPoint> points)
    {
        if (points.Count < 4)
        {
            return;
        }

        text.AppendLine($"## {title}").AppendLine();
        var table = new MarkdownTable(what, "RSS, MB", "live tensors", "managed heap, MB");
        var step = Math.Max(1, points.Count / Lines);
        foreach (var point in points.Where((_, i) => i % step == 0 || i == points.Count - 1))
        {
            table.Line(
                point.At.ToString(CultureInfo.InvariantCulture), Megabytes(point.ResidentBytes),
                point.LiveTensors.ToString(CultureInfo.InvariantCulture), Megabytes(point.ManagedBytes));
        }

        var verdict = MemoryVerdict.Of(points);
        text.AppendLine(table.ToString());
        text.AppendLine(Invariant(
            $"Per hundred: RSS {verdict.ResidentBytes / 1e6:+0.00;-0.00;0} MB, live tensors {verdict.LiveTensors:+0.0;-0.0;0}, managed heap {verdict.ManagedBytes / 1e6:+0.00;-0.00;0} MB, over {verdict.Points} points. **{(verdict.IsFlat ? "Flat" : "Growing")}** (flat: no tensor more, RSS at most {MemoryVerdict.ResidentLimit:0 %}, managed heap at most {MemoryVerdict.ManagedLimit / 1e6:0} MB).")).AppendLine();
    }

    private static string Megabytes(long bytes) => Invariant($"{bytes / 1e6:0.0}");
}
