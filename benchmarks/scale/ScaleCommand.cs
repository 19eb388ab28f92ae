using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Scale.Cases;
using ClinicalGpt.Orleans.Benchmarks.Scale.Report;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Silo.Hosting;
using ClinicalGpt.Orleans.Storage;
using ClinicalGpt.Orleans.Storage.Embedded;
using ClinicalGpt.Orleans.Storage.Migrations;

namespace ClinicalGpt.Orleans.Benchmarks.Scale;

/// <summary>The simulation as a command: ends with 0 only when the last doubling of silos gives enough.</summary>
internal static class ScaleCommand
{
    public static RootCommand Create()
    {
        var silos = new Option<int[]>("--silos")
        {
            Description = "Numbers of rollout silos, ascending, separated by commas.",
            HelpName = "n,n,n",
            CustomParser = ParseNumbers,
            DefaultValueFactory = _ => [1, 2, 4, 8, 16, 32, 64, 128],
        };
        var prompts = Number("--prompts", "Prompts of an iteration.", 5120);
        var chunk = Number("--chunk", "Prompts of a chunk.", 4);
        var iterations = Number("--iterations", "Iterations of each run.", 1);
        var seed = new Option<long>("--seed") { Description = "Seed of the answers' lengths.", DefaultValueFactory = _ => 1 };
        var model = new DurationOptions();
        var report = new Option<string?>("--report") { Description = "Writes the report there, for example docs/results/scale.md.", HelpName = "file" };
        var home = new Option<string>("--home")
        {
            Description = "The database's folder.", HelpName = "folder", DefaultValueFactory = _ => Path.Combine(".clinicalgpt", "scale"),
        };
        var command = new RootCommand("Simulates PPO on many rollout silos: real grains and messages, devices that only take time.")
        {
            silos, prompts, chunk, iterations, seed, report, home,
        };
        model.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var durations = model.Read(result);
            var recipe = RecipeOf(result.GetValue(prompts), result.GetValue(chunk), result.GetValue(iterations), result.GetValue(seed));
            var folder = Path.GetFullPath(result.GetValue(home)!);
            Directory.CreateDirectory(folder);
            await using var postgres = await EmbeddedPostgres.StartAsync(
                new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), Log = Console.Error.WriteLine }, cancellationToken);
            await using (var services = new ServiceCollection().AddLogging().AddClinicalGptStorage(postgres.ConnectionString).BuildServiceProvider())
            {
                await services.GetRequiredService<Migrator>().MigrateAsync(cancellationToken);
            }

            var numbers = result.GetValue(silos)!;
            await Console.Error.WriteLineAsync($"{DateTime.UtcNow:HH:mm:ss}  starting {numbers.Max() + 1} silos in this process");
            await using var cluster = await SimulatedCluster.StartAsync(numbers.Max(), postgres.ConnectionString);
            var results = new List<(Case, IReadOnlyList<Outcome>)>();
            using var runner = new CaseRunner(cluster, recipe, Console.Error);
            foreach (var question in Case.All(durations, numbers))
            {
                results.Add((question, await runner.RunAsync(question, cancellationToken)));
            }

            var health = new SimulationHealth(cluster.Calls.Calls, cluster.Calls.Failed, cluster.Clock.Forced);
            var text = ScaleReport.Write(
                recipe, durations, results, health, $"dotnet run --project benchmarks/scale -c Release -- {string.Join(' ', result.Tokens.Select(t => t.Value))}".TrimEnd(' ', '-'));
            await ReportFile.WriteAsync(result.GetValue(report), text, "--report");
            Console.Out.WriteLine(text);
            return ScaleReport.LastDoubling(results[0].Item2) is { } factor && factor.Simulated >= ScaleReport.DoublingNeeded ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    /// <summary>The quickstart's model and prompts; everything that counts here is set.</summary>
    private static Recipe RecipeOf(int prompts, int chunk, int iterations, long seed)
    {
        var recipe = RecipeReader.ReadFile(SourceTree.Find(Path.Combine("recipes", "quickstart.yaml")), []);
        return recipe with
        {
            Name = "scale",
            Seed = seed,
            Evaluate = null,
            Ppo = recipe.Ppo! with
            {
                Iterations = iterations,
                RolloutBatchSize = prompts,
                ChunkSize = chunk,
                MinibatchSize = prompts,
                SamplesPerPrompt = 1,
                EvaluateEvery = 0,
                DevelopmentSet = null,
            },
        };
    }

    private static Option<int> Number(string name, string description, int otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };

    private static int[] ParseNumbers(ArgumentResult argument)
    {
        var numbers = argument.Tokens.SelectMany(t => t.Value.Split(','))
            .Select(t => int.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0)
            .ToArray();
        if (numbers.Length == 0 || numbers.Any(n => n is < 1 or > 1000) || !numbers.SequenceEqual(numbers.Distinct().Order()))
        {
            argument.AddError("--silos must be ascending whole numbers from 1 to 1000 separated by commas, for example 1,2,4.");
            return [];
        }

        return numbers;
    }
}
