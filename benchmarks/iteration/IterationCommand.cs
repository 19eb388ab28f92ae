using System.CommandLine;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Report;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Runs;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Silo.Hosting;
using ClinicalGpt.Orleans.Storage.Embedded;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration;

/// <summary>The measurement as a command: ends with 0 only when the final policies are equal and one silo costs at most 5 %.</summary>
internal static class IterationCommand
{
    public static RootCommand Create()
    {
        var file = new Option<string?>("--recipe") { Description = "The recipe. Default: recipes/quickstart.yaml.", HelpName = "file" };
        var sets = new Option<string[]>("--set") { Description = "Overrides a key of the recipe. May be repeated.", HelpName = "key=value" };
        var iterations = new Option<int>("--iterations") { Description = "PPO iterations of a run; the first is not counted.", DefaultValueFactory = _ => 13 };
        var rounds = new Option<int>("--rounds") { Description = "Runs of each variant.", DefaultValueFactory = _ => 3 };
        var noFull = new Option<bool>("--no-full") { Description = "Leave out full fine-tuning." };
        var report = new Option<string?>("--report") { Description = "Writes the report there, for example docs/results/iteration.md.", HelpName = "file" };
        var home = Home();
        var command = new RootCommand(
            "Measures a PPO iteration by phase: carried out by the actors, and called directly. `memory` watches a silo's memory.")
        {
            file, sets, iterations, rounds, noFull, report, home,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var recipe = result.GetValue(file) ?? SourceTree.Find(Path.Combine("recipes", "quickstart.yaml"));
            string[] given = result.GetValue(sets) ?? [];
            var count = AtLeast(result.GetValue(iterations), 2, "--iterations");
            var often = AtLeast(result.GetValue(rounds), 1, "--rounds");
            var folder = Path.GetFullPath(result.GetValue(home)!);
            var load = Machine.Load();
            await using var postgres = await StartPostgresAsync(folder, cancellationToken);
            await using var runs = new PreparedRuns(postgres.ConnectionString);
            var variants = await Variant.StartAllAsync(postgres.ConnectionString);
            var series = new List<Series>();
            try
            {
                var measurement = new Measurement(variants, runs, folder, Console.Error);
                series.Add(await measurement.RunAsync("LoRA", MeasuredRecipes.UpToPpo(RecipeReader.ReadFile(recipe, given), count), often));
                if (!result.GetValue(noFull))
                {
                    series.Add(await measurement.RunAsync(
                        "Full fine-tuning", MeasuredRecipes.UpToPpo(RecipeReader.ReadFile(recipe, [.. MeasuredRecipes.FullSets, .. given]), count), often));
                }
            }
            finally
            {
                foreach (var variant in variants)
                {
                    await variant.DisposeAsync();
                }
            }

            var text = IterationReport.Write(series, $"dotnet run --project benchmarks/iteration -c Release -- {string.Join(' ', result.Tokens.Select(t => t.Value))}".TrimEnd(' ', '-'), load);
            await ReportFile.WriteAsync(result.GetValue(report), text, "--report");
            Console.Out.WriteLine(text);
            return IterationReport.Holds(series[0]) && series.All(s => s.SameHash) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        command.Subcommands.Add(MemoryCommand.Create());
        command.Subcommands.Add(WorkerCommand.Create());
        return command;
    }

    /// <summary>Where the database of the measurements is kept.</summary>
    internal static Option<string> Home() => new("--home")
    {
        Description = "The database's folder; the stages before PPO are kept in it for the next time.",
        HelpName = "folder",
        DefaultValueFactory = _ => Path.Combine(".clinicalgpt", "iteration"),
    };

    internal static Task<EmbeddedPostgres> StartPostgresAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        return EmbeddedPostgres.StartAsync(
            new EmbeddedPostgresOptions { DataFolder = Path.Combine(folder, "postgres"), Log = Console.Error.WriteLine }, cancellationToken);
    }

    internal static int AtLeast(int value, int least, string option) => value >= least
        ? value
        : throw new ProblemException(ErrorCodes.SettingInvalid, $"must be at least {least}; it is {value}", key: option);
}
