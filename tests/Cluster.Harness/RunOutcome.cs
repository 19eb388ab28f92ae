using System.Globalization;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>Everything a run left behind that must be the same when it is repeated: hashes of the weights and optimizer
/// states, metrics of all iterations and steps as exact numbers, samples, ledger, evaluations. Times are left out.</summary>
/// <param name="FinalHash">Hash of the final policy's weights.</param>
/// <param name="Facts">All of it, a line each.</param>
/// <param name="Attempts">Attempts at each iteration, by <c>stage/iteration</c>; not compared.</param>
/// <param name="Epoch">How often the run was taken up; not compared.</param>
public sealed record RunOutcome(
    string FinalHash, IReadOnlyList<string> Facts, IReadOnlyDictionary<string, int> Attempts, long Epoch)
{
    public int Repetitions => Attempts.Values.Sum(a => a - 1);

    public static async Task<RunOutcome> ReadAsync(IRunStore store, string runId)
    {
        var none = CancellationToken.None;
        var run = await store.FindAsync(runId, none);
        var progress = await store.GetProgressAsync(runId, none);
        var iterations = await store.GetIterationsAsync(runId, null, 0, none);

        var facts = new List<string> { $"status = {run!.Status}" };
        using (var document = JsonSerializer.SerializeToDocument(progress, RecipeJson.Options))
        {
            Flatten(document.RootElement, "progress", facts);
        }

        foreach (var i in iterations)
        {
            facts.AddRange(Metrics($"{i.Stage}/{i.Iteration}", i.Metrics));
        }

        foreach (var stage in iterations.Select(i => i.Stage).Distinct())
        {
            facts.AddRange((await store.GetStepsAsync(runId, stage, none)).SelectMany(s => Metrics($"{stage}/step {s.Step}", s.Values)));
        }

        facts.AddRange(await SamplesAsync(store, runId));
        facts.AddRange((await store.GetLedgerAsync(runId, none)).Select(l => $"ledger {l}"));
        facts.AddRange((await store.GetEvaluationsAsync(runId, none)).Select(e => $"evaluation {JsonSerializer.Serialize(e, RecipeJson.Options)}"));
        return new RunOutcome(
            progress!.Ppo!.Policy.Parameters.Hash, facts, iterations.ToDictionary(i => $"{i.Stage}/{i.Iteration}", i => i.Attempts), run.Epoch);
    }

    /// <summary>Fails with the first difference.</summary>
    public void RequireSameAs(RunOutcome expected)
    {
        for (var i = 0; i < Math.Max(Facts.Count, expected.Facts.Count); i++)
        {
            var (actual, wanted) = (At(Facts, i), At(expected.Facts, i));
            ClusterException.Require(
                actual == wanted, () => $"first difference, fact {i} of {expected.Facts.Count}:\nexpected {wanted}\nactual   {actual}");
        }
    }

    private static string At(IReadOnlyList<string> facts, int i) => i < facts.Count ? facts[i] : "nothing";

    private static IEnumerable<string> Metrics(string at, IReadOnlyDictionary<string, double> metrics) =>
        metrics.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{at} {m.Key} = {m.Value.ToString("R", CultureInfo.InvariantCulture)}");

    private static async Task<IEnumerable<string>> SamplesAsync(IRunStore store, string runId)
    {
        var samples = await store.GetSamplesAsync(runId, new SampleQuery { Limit = 1000 }, CancellationToken.None);
        ClusterException.Require(samples.Count is > 0 and < 1000, () => $"{samples.Count} samples");
        return samples.Select(s => $"sample {JsonSerializer.Serialize(s, RecipeJson.Options)}");
    }

    private static void Flatten(JsonElement element, string path, List<string> facts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Flatten(property.Value, $"{path}.{property.Name}", facts);
                }

                break;
            case JsonValueKind.Array:
                foreach (var (index, item) in element.EnumerateArray().Index())
                {
                    Flatten(item, $"{path}[{index}]", facts);
                }

                break;
            default:
                facts.Add($"{path} = {element.GetRawText()}");
                break;
        }
    }
}
