using System.Globalization;
using ClinicalGpt.Orleans.Cli.Output;
using Spectre.Console;

namespace ClinicalGpt.Orleans.Cli.Report;

/// <summary>Writes a report to a terminal.</summary>
internal static class ReportView
{
    public static void Write(Terminal terminal, BeforeAfterReport report, int answers)
    {
        terminal.Out.WriteLine();
        terminal.Out.WriteLine("Before and after (95 % intervals in brackets; higher is better except for loss)");
        var table = Tables.Create(["measure", .. report.Models, "ppo - sft"]);
        foreach (var row in report.Rows)
        {
            table.Line(
            [
                row.Label,
                .. report.Models.Select(m => row.Figures.TryGetValue(m, out var f) ? Show(f, row.IsShare) : ""),
                row.Gain is { } gain ? Show(gain, row.IsShare, signed: true) : "",
            ]);
        }

        terminal.Write(table);
        WriteReward(terminal, report);
        if (report.Ppo is { } ppo)
        {
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"PPO: {ppo.Iterations} iterations, score {ppo.FirstScore:0.00} -> {ppo.LastScore:0.00}, KL to SFT {ppo.KlPerSequence:0.00} nats per sequence at the end"));
            terminal.Out.WriteLine();
        }

        WriteAnswers(terminal, report.Answers, answers);
    }

    private static void WriteReward(Terminal terminal, BeforeAfterReport report)
    {
        if (report.Reward.Count == 0)
        {
            return;
        }

        var table = Tables.Create("reward model: share of comparisons ranked as given", "");
        foreach (var row in report.Reward)
        {
            table.Line(row.Label, Show(row.Figures.Values.Single(), row.IsShare));
        }

        terminal.Write(table);
    }

    // Those where the two differ come first: they show what PPO changed.
    private static void WriteAnswers(Terminal terminal, IReadOnlyList<AnswerPair> pairs, int most)
    {
        var shown = pairs.OrderBy(p => p.Sft == p.Ppo).Take(most).ToArray();
        if (shown.Length == 0)
        {
            return;
        }

        terminal.Out.WriteLine("The same held-out questions, sampled once each");
        var table = Tables.Create("question", "SFT", "verdict", "PPO", "verdict");
        foreach (var pair in shown)
        {
            table.Line(
                Format.Shorten(pair.Prompt, 60), Format.Shorten(pair.Sft, 60), pair.SftVerdict, Format.Shorten(pair.Ppo, 60), pair.PpoVerdict);
        }

        terminal.Write(table);
    }

    /// <summary>A figure with its interval, for example <c>86.9 % [83.0, 90.2]</c>.</summary>
    internal static string Show(Figure figure, bool isShare, bool signed = false)
    {
        var factor = isShare ? 100.0 : 1.0;
        var format = isShare ? "0.0" : "0.000";
        var sign = signed && figure.Value > 0 ? "+" : "";
        var text = sign + (figure.Value * factor).ToString(format, CultureInfo.InvariantCulture) + (isShare ? " %" : "");
        return figure is { Low: { } low, High: { } high }
            ? string.Create(CultureInfo.InvariantCulture, $"{text} [{(low * factor).ToString(format, CultureInfo.InvariantCulture)}, {(high * factor).ToString(format, CultureInfo.InvariantCulture)}]")
            : text;
    }
}
