using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Scale.Cases;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;
using static System.FormattableString;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Report;

/// <summary>The simulation as Markdown, for the terminal and for a file.</summary>
internal static class ScaleReport
{
    /// <summary>The least that twice the silos must give while rollouts are the work.</summary>
    public const double DoublingNeeded = 1.8;

    public static string Write(
        Recipe recipe, DurationModel model, IReadOnlyList<(Case Case, IReadOnlyList<Outcome> Outcomes)> results, SimulationHealth health, string command)
    {
        var text = new StringBuilder();
        text.AppendLine("# How PPO scales with rollout silos, simulated").AppendLine();
        text.AppendLine($"`{command}`").AppendLine().AppendLine(Machine.Describe()).AppendLine();
        text.AppendLine(How).AppendLine();
        text.AppendLine(Invariant($"Clock: {health.Calls} grain calls followed, {health.Failed} failed, {health.Forced} times moved on although a message seemed to be on its way.")).AppendLine();
        text.AppendLine("## The model").AppendLine().AppendLine(ModelTable(recipe, model));
        foreach (var (question, outcomes) in results)
        {
            text.AppendLine($"## {question.Title}").AppendLine().AppendLine(question.Says).AppendLine();
            text.AppendLine(Table(outcomes));
            text.AppendLine(Why(outcomes)).AppendLine();
        }

        text.AppendLine("## Verdict").AppendLine().AppendLine(Verdict(results[0].Outcomes));
        return text.ToString();
    }

    /// <summary>Factor of the last doubling; null where the last two numbers of silos are no doubling.</summary>
    public static (double Simulated, double AtWorst)? LastDoubling(IReadOnlyList<Outcome> outcomes) =>
        outcomes.Count >= 2 && outcomes[^1].Silos == 2 * outcomes[^2].Silos
            ? (outcomes[^1].PerHour / outcomes[^2].PerHour, outcomes[^1].PerHourAtWorst / outcomes[^2].PerHourAtWorst)
            : null;

    private const string How =
        """
        The run, policy, reference, reward-model and rollout grains are the real ones, in one Orleans cluster of this process with every message
        serialised, the real PostgreSQL store, and the message size guard of a silo. Only the devices are simulated: they hold no tensor, wait for as long as the model below says,
        and give answers of drawn length. After each run the ledger, the samples and the commits are checked.

        Time is a simulated clock that stands still while any grain has something to do and jumps to the next end of a computation when all
        of them wait. Scaled-down real waits would have charged the processor time of all silos, which share this machine's cores, to every row,
        and multiplied it by the scale. So *iterations/h* is what devices and dealing allow when actors and messages take no time. What they
        do take is measured beside it: *processor s* is the processor time this process spent on an iteration, all silos and the store's driver
        together, and *at worst* is iterations/h when all of it is spent by one core while every device waits. A real cluster lies between the two.
        """;

    private static string ModelTable(Recipe recipe, DurationModel model)
    {
        var ppo = recipe.Ppo!;
        var table = new MarkdownTable("what", "value");
        table.Line("prompts of an iteration, chunk", Invariant($"{ppo.RolloutBatchSize}, {ppo.ChunkSize} ({(ppo.RolloutBatchSize + ppo.ChunkSize - 1) / ppo.ChunkSize} chunks)"));
        table.Line("answer length", Invariant($"log-normal, median {model.MedianTokens:0} tokens, sigma {model.Sigma}, at most {model.MaxTokens}"));
        table.Line("generate a chunk", Invariant($"{model.GenerateFixed} s + {1000 * model.SecondsPerToken:0.#} ms for each token of its longest answer"));
        table.Line("reference, reward model: a chunk, each", Invariant($"{model.ForwardFixed} s + tokens / {model.ForwardTokensPerSecond:0} a second"));
        table.Line("policy step", Invariant($"{model.LearnFixed} s + {1000 * model.LearnPerSequence:0.###} ms a sequence"));
        table.Line("commit", Invariant($"{model.Commit} s"));
        return table.ToString();
    }

    private static string Table(IReadOnlyList<Outcome> outcomes)
    {
        var table = new MarkdownTable(
            "rollout silos", "iterations/h", "times as many", "efficiency", "s an iteration", "no overhead at all", "policy and commit", "rollouts busy", "reference busy",
            "calls", "MB sent", "processor s", "iterations/h at worst");
        var first = outcomes[0];
        foreach (var outcome in outcomes)
        {
            var speedup = outcome.PerHour / first.PerHour;
            table.Line(
                outcome.Silos.ToString(CultureInfo.InvariantCulture), Invariant($"{outcome.PerHour:0.00}"), Invariant($"{speedup:0.00}"),
                Invariant($"{100 * speedup * first.Silos / outcome.Silos:0} %"), Invariant($"{outcome.Seconds:0.0}"), Invariant($"{outcome.IdealSeconds:0.0}"),
                Invariant($"{100 * outcome.SerialSeconds / outcome.Seconds:0.0} %"), Invariant($"{100 * outcome.Utilisation:0} %"), Invariant($"{100 * outcome.ReferenceBusy:0} %"),
                Invariant($"{outcome.Calls:0}"), Invariant($"{outcome.Bytes / 1e6:0.0}"), Invariant($"{outcome.ProcessorSeconds:0.0}"), Invariant($"{outcome.PerHourAtWorst:0.00}"));
        }

        return table.ToString();
    }

    private static string Why(IReadOnlyList<Outcome> outcomes)
    {
        var last = outcomes[^1];
        var before = last.Seconds - last.SerialSeconds;
        var parts = new (string What, double Share)[]
        {
            ("silos generate", last.Utilisation * before / last.Seconds),
            ("silos wait: for the reference and the reward model after each chunk, and for the last chunk at the end of the iteration", (1 - last.Utilisation) * before / last.Seconds),
            ("policy step and commit, in which all of them wait", last.SerialSeconds / last.Seconds),
        };
        return Invariant($"With {last.Silos} rollout silos, of a silo's time: ")
            + string.Join("; ", parts.Select(p => Invariant($"{100 * p.Share:0} % {p.What}"))) + ".";
    }

    private static string Verdict(IReadOnlyList<Outcome> outcomes) => LastDoubling(outcomes) is { } factor
        ? Invariant(
            $"- **{(factor.Simulated >= DoublingNeeded ? "PASS" : "FAIL")}** {outcomes[^2].Silos} -> {outcomes[^1].Silos} rollout silos give {factor.Simulated:0.00} times the iterations ({DoublingNeeded} needed); {factor.AtWorst:0.00} times at worst, with this machine's processor time in it.")
        : "- Not judged: the last two numbers of silos are no doubling.";
}

/// <summary>Whether the simulation itself was sound.</summary>
/// <param name="Calls">Grain calls followed.</param>
/// <param name="Failed">Of them failed.</param>
/// <param name="Forced">Moves of the clock without proof that nothing was under way.</param>
internal sealed record SimulationHealth(long Calls, int Failed, int Forced);
