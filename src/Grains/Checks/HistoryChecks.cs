using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;

namespace ClinicalGpt.Orleans.Grains.Checks;

/// <summary>A run's stored history, all of it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Recipe">Its recipe.</param>
/// <param name="Progress">The resume point; null: nothing is committed.</param>
/// <param name="Iterations">Commits in order.</param>
/// <param name="Ledger">Prompts.</param>
/// <param name="Samples">Samples.</param>
/// <param name="Blobs">Blobs that commits name.</param>
internal sealed record RunHistoryView(
    StoredRun Run, Recipe Recipe, RunProgress? Progress, IReadOnlyList<IterationView> Iterations, IReadOnlyList<LedgerRow> Ledger,
    IReadOnlyList<SampleView> Samples, IReadOnlyList<BlobUse> Blobs)
{
    /// <summary>Committed PPO iterations.</summary>
    public int PpoIterations => Iterations.Count(i => i.Stage == StageNames.Ppo);

    /// <summary>Samples of a PPO iteration.</summary>
    public int SamplesPerIteration => (Recipe.Ppo?.RolloutBatchSize ?? 0) * (Recipe.Ppo?.SamplesPerPrompt ?? 0);
}

/// <summary>What must hold of a run's history. Pure: from what is stored to a verdict.</summary>
internal static class HistoryChecks
{
    private const int MostShown = 5;
    private const double KlTolerance = 1e-4;

    public static RunCheckLine Recipe(RunHistoryView h) => Line(
        "recipe", RecipeJson.Hash(h.Run.RecipeJson) == h.Run.RecipeHash ? [] : ["the stored recipe has another hash"], $"hash {h.Run.RecipeHash[..12]}");

    /// <summary>Each stage's iterations are 0, 1, 2, ... without a gap, and the resume point comes right after the last one.</summary>
    public static RunCheckLine Commits(RunHistoryView h)
    {
        var wrong = h.Iterations.GroupBy(i => i.Stage)
            .Where(s => !s.Select(i => i.Iteration).SequenceEqual(Enumerable.Range(0, s.Count())))
            .Select(s => $"stage {s.Key} has iterations out of order or missing")
            .ToList();
        if (h.Progress is { } p && p.Stage != StageNames.Done && h.Iterations.Count(i => i.Stage == p.Stage) != p.Iteration)
        {
            wrong.Add($"the resume point is {p.Stage} {p.Iteration}, but {h.Iterations.Count(i => i.Stage == p.Stage)} iterations are committed");
        }

        return Line("commits", wrong, $"{h.Iterations.Count} commits, {h.Iterations.Count(i => i.Attempts > 1)} of them after a repetition");
    }

    /// <summary>Everything the next iteration starts from is named by a commit.</summary>
    public static RunCheckLine ResumePoint(RunHistoryView h)
    {
        if (h.Progress is not { } p)
        {
            return Line("resume point", [], "nothing is committed yet");
        }

        var named = h.Blobs.Select(b => b.Hash).ToHashSet();
        List<string> needed = [.. p.Datasets.Values.Select(d => d.Hash)];
        foreach (var checkpoint in new[] { p.Pretrain, p.Sft, p.Reward, p.AnswerOnly, p.Ppo?.Policy, p.Ppo?.Critic }.OfType<Abstractions.Models.CheckpointReference>())
        {
            needed.AddRange(new[] { checkpoint.Parameters.Hash, checkpoint.OptimizerHash }.Where(x => x.Length > 0));
        }

        return Line(
            "resume point", [.. needed.Where(n => !named.Contains(n)).Select(n => $"{n[..12]} is not named by a commit")],
            $"{p.Stage} {p.Iteration}, {needed.Count} parts");
    }

    /// <summary>Every prompt of a committed iteration is trained, once; nothing else is.</summary>
    public static RunCheckLine Ledger(RunHistoryView h)
    {
        var wrong = new List<string>();
        foreach (var iteration in h.Ledger.GroupBy(l => l.Iteration))
        {
            var committed = iteration.Key < h.PpoIterations;
            if (!iteration.Select(l => l.Index).SequenceEqual(Enumerable.Range(0, h.SamplesPerIteration)))
            {
                wrong.Add($"iteration {iteration.Key} issued {iteration.Count()} prompts, not {h.SamplesPerIteration}");
            }

            if (iteration.Any(l => l.Trained != committed))
            {
                wrong.Add($"iteration {iteration.Key} is {(committed ? "" : "not ")}committed, but {iteration.Count(l => l.Trained)} of {iteration.Count()} prompts are trained");
            }
        }

        var missing = Enumerable.Range(0, h.PpoIterations).Except(h.Ledger.Select(l => l.Iteration).Distinct()).Count();
        if (missing > 0)
        {
            wrong.Add($"{missing} committed iterations have no ledger rows");
        }

        return Line("ledger", wrong, $"{h.Ledger.Count(l => l.Trained)} prompts trained once, {h.Ledger.Count(l => !l.Trained)} issued");
    }

    /// <summary>One sample for each trained prompt, with its record and seed.</summary>
    public static RunCheckLine Samples(RunHistoryView h)
    {
        var trained = h.Ledger.Where(l => l.Trained).ToDictionary(l => (l.Iteration, l.Index), l => (l.RecordId, l.Seed));
        var wrong = h.Samples
            .Where(s => !trained.TryGetValue((s.Iteration, s.Index), out var l) || l != (s.RecordId, s.Seed))
            .Select(s => $"sample {s.Iteration}/{s.Index} does not agree with the ledger")
            .ToList();
        if (h.Samples.Count != trained.Count)
        {
            wrong.Add($"{h.Samples.Count} samples for {trained.Count} trained prompts");
        }

        return Line("samples", wrong, $"{h.Samples.Count} samples agree with the ledger");
    }

    /// <summary>Each iteration was sampled by the policy that the commit before it made; reference and reward model never change.</summary>
    public static RunCheckLine Provenance(RunHistoryView h)
    {
        var wrong = new List<string>();
        foreach (var iteration in h.Samples.GroupBy(s => s.Iteration))
        {
            string[] policies = [.. iteration.Select(s => s.PolicyHash).Distinct()];
            var before = iteration.Key == 0
                ? [h.Progress?.Sft?.Parameters.Hash ?? h.Progress?.Base?.ContentHash ?? ""]
                : h.Blobs.Where(b => b.Stage == StageNames.Ppo && b.Iteration == iteration.Key - 1).Select(b => b.Hash).ToArray();
            if (policies.Length != 1 || !before.Contains(policies[0]))
            {
                wrong.Add($"iteration {iteration.Key} was not sampled by the policy committed before it");
            }
        }

        var fixedModels = h.Samples.Select(s => (s.ReferenceHash, s.RewardHash)).Distinct().Count();
        if (fixedModels > 1)
        {
            wrong.Add($"{fixedModels} different pairs of reference and reward model");
        }

        return Line("provenance", wrong, "every sample names the policy, reference and reward model it should");
    }

    /// <summary>The metrics can be recomputed from the samples.</summary>
    public static RunCheckLine Metrics(RunHistoryView h)
    {
        var wrong = new List<string>();
        var byIteration = h.Samples.GroupBy(s => s.Iteration).ToDictionary(g => g.Key, g => g.ToArray());
        foreach (var iteration in h.Iterations.Where(i => i.Stage == StageNames.Ppo))
        {
            var samples = byIteration.GetValueOrDefault(iteration.Iteration, []);
            Compare(MetricNames.Kl, samples.Select(s => s.Kl));
            Compare(MetricNames.Scores, samples.Select(s => s.Reward));

            void Compare(string name, IEnumerable<double> values)
            {
                var mean = values.DefaultIfEmpty(double.NaN).Average();
                if (iteration.Metrics.TryGetValue(name, out var stored) && !(Math.Abs(stored - mean) <= KlTolerance * Math.Max(1, Math.Abs(stored))))
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"iteration {iteration.Iteration}: {name} is {stored:G6}, the samples give {mean:G6}"));
                }
            }
        }

        return Line("metrics", wrong, $"KL and scores of {h.PpoIterations} iterations follow from the samples");
    }

    public static RunCheckLine Line(string name, IReadOnlyList<string> wrong, string right) => wrong.Count == 0
        ? new RunCheckLine(name, true, right)
        : new RunCheckLine(name, false, string.Join("; ", wrong.Take(MostShown)) + (wrong.Count > MostShown ? $"; and {wrong.Count - MostShown} more" : ""));
}
