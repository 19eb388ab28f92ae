using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using static System.FormattableString;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Report;

/// <summary>The measurement as Markdown, for the terminal and for a file.</summary>
internal static class IterationReport
{
    private static readonly (Phase Phase, string Label)[] Rows =
    [
        (Phase.Generate, "generate"),
        (Phase.Reference, "reference log-probabilities"),
        (Phase.Reward, "reward scores"),
        (Phase.Learn, "learn"),
        (Phase.Transfer, "parameters to and from the device"),
        (Phase.Commit, "commit"),
        (Phase.Blobs, "checkpoints: write, read"),
        (Phase.Bookkeeping, "ledger, status, progress"),
        (Phase.Rest, "rest: messages, serialization, hashing, scheduling"),
    ];

    /// <summary>Writes the tables of every series.</summary>
    /// <param name="series">What was measured.</param>
    /// <param name="command">The command line, so that it can be repeated.</param>
    /// <param name="load">Runnable processes before the measurement began; null: unknown.</param>
    public static string Write(IReadOnlyList<Series> series, string command, double? load = null)
    {
        var text = new StringBuilder();
        text.AppendLine("# What the actors cost").AppendLine();
        text.AppendLine($"`{command}`").AppendLine();
        text.AppendLine(load is { } busy
            ? Invariant($"{Machine.Describe()}; {busy:0.0} runnable processes on average in the minute before: figures of a busy machine are worth little.")
            : Machine.Describe()).AppendLine();
        text.AppendLine(
            """
            Wall time of one PPO iteration, in milliseconds: from the end of one commit to the end of the next, so the commit is in it.
            Every variant starts from the same SFT model and reward model and computes the same numbers; *direct* calls the same functions
            in a loop on one thread of one process, without actors, messages, database or checkpoints. *One silo*: run, policy, reference, reward
            and rollout in one silo process, PostgreSQL beside it. *Two silos*: policy and reward model in one process, reference and
            rollout in another. Variants take turns, round after round; the first iteration of a run, which loads models, is left out.

            A moment counts for one phase only: the first of the table that is going on, device work before everything else. Medians
            over iterations, so the phases need not add up to the wall time.
            """).AppendLine();
        foreach (var one in series)
        {
            Append(text, one);
        }

        return text.ToString();
    }

    /// <summary>Whether the target holds: at most 5 % outside tensor computation on one silo.</summary>
    /// <param name="series">The recipe's series.</param>
    public static bool Holds(Series series) =>
        series.SameHash && Overhead.Of(series, Variant.OneSilo) is { } cost && cost.AgainstDirect <= Overhead.Limit;

    private static void Append(StringBuilder text, Series series)
    {
        var ppo = series.Recipe.Ppo!;
        text.AppendLine(Invariant($"## {series.Title}")).AppendLine();
        text.AppendLine(Invariant(
            $"{ppo.RolloutBatchSize * ppo.SamplesPerPrompt} prompts in chunks of {ppo.ChunkSize}, at most {ppo.MaxResponseTokens} response tokens, {ppo.PpoEpochs} epochs, minibatches of {ppo.MinibatchSize}, {series.Recipe.Compute.Threads} compute threads; {series.Runs.Max(r => r.Round) + 1} rounds of {ppo.Iterations} iterations.")).AppendLine();
        text.AppendLine(Phases(series));
        text.AppendLine(Costs(series));
        text.AppendLine(series.SameHash
            ? $"Final policy of every run, direct or by actors: `{series.Runs[0].Hash}`."
            : $"**The final policies differ**: {string.Join(", ", series.Runs.Select(r => $"{r.Variant} {r.Hash[..12]}").Distinct())}.").AppendLine();
    }

    private static string Phases(Series series)
    {
        string[] variants = [.. series.Variants];
        var plain = variants.ToDictionary(v => v, v => Iterations(series, v).Where(i => i.Phases[Phase.Development] == 0).ToArray());
        var table = new MarkdownTable(["ms, median", .. variants]);
        foreach (var (phase, label) in Rows)
        {
            table.Line([label, .. variants.Select(v => Milliseconds(plain[v].Select(i => i.Phases[phase])))]);
        }

        table.Line(["**wall**", .. variants.Select(v => $"**{Milliseconds(plain[v].Select(i => i.Wall))}**")]);
        table.Line(["iterations", .. variants.Select(v => plain[v].Length.ToString(CultureInfo.InvariantCulture))]);
        table.Line(
        [
            "development check, in iterations that have one",
            .. variants.Select(v => Milliseconds(Iterations(series, v).Select(i => i.Phases[Phase.Development]).Where(s => s > 0))),
        ]);
        return table.ToString();
    }

    private static string Costs(Series series)
    {
        var table = new MarkdownTable("outside tensor computation, share of the wall time", "against direct", "quartiles", "no device computing", "iterations", "verdict");
        foreach (var variant in series.Variants.Where(v => v != Variant.Direct))
        {
            if (Overhead.Of(series, variant) is { } cost)
            {
                table.Line(
                    variant, Percent(cost.AgainstDirect), $"{Percent(cost.Quartiles.Low)} to {Percent(cost.Quartiles.High)}", Percent(cost.Inside),
                    cost.Pairs.ToString(CultureInfo.InvariantCulture), cost.AgainstDirect <= Overhead.Limit ? Invariant($"at most {Overhead.Limit:0 %}") : Invariant($"above {Overhead.Limit:0 %}"));
            }
        }

        return table.ToString();
    }

    private static IEnumerable<IterationTimes> Iterations(Series series, string variant) =>
        series.Runs.Where(r => r.Variant == variant).SelectMany(r => r.Iterations);

    private static string Milliseconds(IEnumerable<double> seconds)
    {
        var values = seconds.ToArray();
        return values.Length == 0 ? "-" : Invariant($"{1000 * Statistics.Median(values):0.0}");
    }

    private static string Percent(double share) => Invariant($"{100 * share:0.0} %");
}
