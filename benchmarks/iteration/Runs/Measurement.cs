using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;

/// <summary>Iterations of one variant in one round.</summary>
internal sealed record Measured(string Variant, int Round, string Hash, IReadOnlyList<IterationTimes> Iterations);

/// <summary>What was measured with one recipe.</summary>
/// <param name="Title">For the report.</param>
/// <param name="Recipe">The recipe of the measured runs.</param>
/// <param name="Runs">Every run.</param>
internal sealed record Series(string Title, Recipe Recipe, IReadOnlyList<Measured> Runs)
{
    public IEnumerable<string> Variants => Runs.Select(r => r.Variant).Distinct();

    /// <summary>Whether every run ended with the same policy.</summary>
    public bool SameHash => Runs.Select(r => r.Hash).Distinct().Count() == 1;
}

/// <summary>Carries a recipe's PPO through in every variant, round after round, so that what else the machine does hits
/// all of them.</summary>
internal sealed class Measurement(IReadOnlyList<Variant> variants, PreparedRuns runs, string folder, TextWriter messages)
{
    /// <summary>Measures a recipe.</summary>
    /// <param name="title">For the report.</param>
    /// <param name="recipe">SFT, reward model and PPO.</param>
    /// <param name="rounds">How often each variant runs.</param>
    public async Task<Series> RunAsync(string title, Recipe recipe, int rounds)
    {
        var start = await PrepareAsync(title, recipe);
        var measured = new List<Measured>();
        for (var round = 0; round < rounds; round++)
        {
            // Every second round backwards: whoever comes first in a warm or throttled moment takes turns.
            foreach (var variant in round % 2 == 0 ? variants : variants.Reverse())
            {
                var id = $"iteration-{Guid.NewGuid():N}"[..24];
                await runs.ForkAsync(id, recipe, start);
                var clock = Stopwatch.StartNew();
                var (hash, iterations) = await variant.MeasureAsync(id, folder);
                measured.Add(new Measured(variant.Name, round, hash, iterations));
                await messages.WriteLineAsync(FormattableString.Invariant(
                    $"{DateTime.UtcNow:HH:mm:ss}  {title}  round {round + 1}/{rounds}  {variant.Name,-9}  {recipe.Ppo!.Iterations} iterations in {clock.Elapsed.TotalSeconds:0.0} s  policy {hash[..12]}"));
            }
        }

        return new Series(title, recipe, measured);
    }

    private async Task<string> PrepareAsync(string title, Recipe recipe)
    {
        // One iteration of PPO, so that the score constants are measured and the development set is imported.
        var whole = recipe with { Ppo = recipe.Ppo! with { Iterations = 1 } };
        var id = PreparedRuns.IdOf("prepared", whole);
        await runs.CreateAsync(id, whole);
        await messages.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss}  {title}  SFT and reward model (run {id}; kept for the next time)");
        var silo = variants.FirstOrDefault(v => v.Name == Variant.OneSilo)
            ?? throw new ProblemException(ErrorCodes.SettingInvalid, "a silo is needed to prepare the stages before PPO");
        await silo.Workers[0].RunAsync(id);
        return id;
    }
}
