using System.CommandLine;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;

/// <summary>Watches a silo's memory over many iterations of a run and over many runs; ends with 0 only when it is flat.</summary>
internal static class MemoryCommand
{
    private const int PointsOfRun = 50;

    /// <summary>Stages of a few steps, so that many runs and iterations fit into minutes.</summary>
    private static readonly string[] Small =
    [
        "sft.maxRows=64", "sft.commitEvery=1", "reward.maxRows=64", "reward.commitEvery=1", "reward.normalizationSamples=32",
        "ppo.rolloutBatchSize=8", "ppo.chunkSize=8", "ppo.minibatchSize=8", "ppo.maxResponseTokens=16", "ppo.evaluateEvery=50", "ppo.evaluateCases=8",
        "data.maxLength=96", "evaluate.maxCases=8",
    ];

    public static Command Create()
    {
        var iterations = new Option<int>("--iterations") { Description = "PPO iterations of one run; 0: none.", DefaultValueFactory = _ => 500 };
        var runs = new Option<int>("--runs") { Description = "Runs of all stages, one after the other; 0: none.", DefaultValueFactory = _ => 50 };
        var file = new Option<string?>("--recipe") { Description = "The recipe. Default: recipes/micro.yaml, smaller.", HelpName = "file" };
        var sets = new Option<string[]>("--set") { Description = "Overrides a key of the recipe. May be repeated.", HelpName = "key=value" };
        var report = new Option<string?>("--report") { Description = "Writes the report there, for example docs/results/memory.md.", HelpName = "file" };
        var home = IterationCommand.Home();
        var command = new Command("memory", "Watches a silo's memory over PPO iterations and over runs.") { iterations, runs, file, sets, report, home };
        command.SetAction(async (result, cancellationToken) =>
        {
            var (count, often) = (IterationCommand.AtLeast(result.GetValue(iterations), 0, "--iterations"), IterationCommand.AtLeast(result.GetValue(runs), 0, "--runs"));
            var recipe = RecipeReader.ReadFile(
                result.GetValue(file) ?? SourceTree.Find(Path.Combine("recipes", "micro.yaml")), [.. Small, .. result.GetValue(sets) ?? []]);
            await using var postgres = await IterationCommand.StartPostgresAsync(Path.GetFullPath(result.GetValue(home)!), cancellationToken);
            await using var prepared = new PreparedRuns(postgres.ConnectionString);
            await using var silo = await Variant.StartAsync(Variant.OneSilo, [Variant.AllRoles], postgres.ConnectionString);
            var overIterations = count == 0 ? [] : await OverIterationsAsync(silo, prepared, recipe, count);
            var overRuns = often == 0 ? [] : await OverRunsAsync(silo, prepared, recipe, often);
            var text = MemoryReport.Write(
                overIterations, overRuns, $"dotnet run --project benchmarks/iteration -c Release -- {string.Join(' ', result.Tokens.Select(t => t.Value))}");
            await ReportFile.WriteAsync(result.GetValue(report), text, "--report");
            Console.Out.WriteLine(text);
            return new[] { overIterations, overRuns }.All(p => p.Count < 4 || MemoryVerdict.Of(p).IsFlat) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static async Task<IReadOnlyList<MemoryPoint>> OverIterationsAsync(Variant silo, PreparedRuns prepared, Recipe recipe, int count)
    {
        var own = recipe with { Ppo = recipe.Ppo! with { Iterations = count }, Evaluate = null };
        await Console.Error.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss}  one run of {count} PPO iterations");
        var id = $"memory-{Guid.NewGuid():N}"[..20];
        await prepared.CreateAsync(id, own);
        await silo.Workers[0].AskAsync($"watch {Math.Max(1, count / PointsOfRun)}");
        await silo.Workers[0].RunAsync(id);
        return JsonSerializer.Deserialize<MemoryPoint[]>(await silo.Workers[0].AskAsync("watched")) ?? [];
    }

    private static async Task<IReadOnlyList<MemoryPoint>> OverRunsAsync(Variant silo, PreparedRuns prepared, Recipe recipe, int count)
    {
        var own = recipe with { Ppo = recipe.Ppo! with { Iterations = 2 } };
        var points = new List<MemoryPoint>();
        await silo.Workers[0].AskAsync("watch 1000000");
        for (var i = 1; i <= count; i++)
        {
            // Another seed each time, so that no run finds the adapters of the one before.
            var id = $"memory-{Guid.NewGuid():N}"[..20];
            await prepared.CreateAsync(id, own with { Seed = i });
            await silo.Workers[0].RunAsync(id);
            points.Add(JsonSerializer.Deserialize<MemoryPoint>(await silo.Workers[0].AskAsync($"memory {i}"))!);
            if (i % 10 == 0)
            {
                await Console.Error.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss}  {i} of {count} runs");
            }
        }

        return points;
    }
}
