using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Benchmarks.Criteria;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Report;
using ClinicalGpt.Orleans.Benchmarks.Runs;
using ClinicalGpt.Orleans.Client.Recipes;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Benchmarks;

/// <summary>The experiment as a command: runs the seeds, reports, and ends with 0 only when every criterion holds.</summary>
internal static class LearningCommand
{
    private static readonly string Quickstart = Path.Combine("recipes", "quickstart.yaml");

    public static RootCommand Create()
    {
        var seeds = new Option<long[]>("--seeds")
        {
            Description = "Seeds, separated by commas.",
            HelpName = "n,n,n",
            CustomParser = ParseSeeds,
            DefaultValueFactory = _ => [11, 12, 13],
        };
        var file = new Option<string?>("--recipe") { Description = "The recipe. Default: recipes/quickstart.yaml.", HelpName = "file" };
        var sets = new Option<string[]>("--set") { Description = "Overrides a key of the recipe. May be repeated.", HelpName = "key=value" };
        var noControls = new Option<bool>("--no-controls") { Description = "Leave out the runs with shuffled scores; their criterion then fails." };
        var output = Folder("--out", "Where results.md, results.json and curves.svg go.", Path.Combine("out", "learning"));
        var home = Folder("--home", "The database's folder; runs in it are gone on with.", Path.Combine(".clinicalgpt", "learning"));
        var command = new RootCommand("Shows over several seeds that the pipeline learns, with controls, and checks the criteria.")
        {
            seeds, file, sets, noControls, output, home,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var recipe = RecipeReader.ReadFile(result.GetValue(file) ?? SourceTree.Find(Quickstart), result.GetValue(sets));
            ExperimentRecipes.Check(recipe);
            IReadOnlyList<SeedResult> results;
            await using (var silo = await LocalSilo.StartAsync(Path.GetFullPath(result.GetValue(home)!), Console.Error, cancellationToken))
            {
                results = await new Experiment(silo.Client, Console.Error).RunAsync(
                    recipe, result.GetValue(seeds)!, !result.GetValue(noControls), cancellationToken);
            }

            var criteria = LearningCriteria.Judge(results);
            var text = LearningReport.Write(recipe, results, criteria);
            await SaveAsync(Path.GetFullPath(result.GetValue(output)!), text, results, criteria);
            Console.Out.WriteLine(text);
            return criteria.All(c => c.Passed) ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return command;
    }

    private static Option<string> Folder(string name, string description, string otherwise) =>
        new(name) { Description = description, HelpName = "folder", DefaultValueFactory = _ => otherwise };

    private static async Task SaveAsync(string folder, string text, IReadOnlyList<SeedResult> results, IReadOnlyList<Criterion> criteria)
    {
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "results.md"), text);
            await File.WriteAllTextAsync(Path.Combine(folder, "results.json"), ResultsJson.Write(results, criteria));
            await File.WriteAllTextAsync(Path.Combine(folder, "curves.svg"), LearningCurves.Draw(results));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.WriteFailed, $"the results cannot be written: {e.Message}", folder, key: "--out");
        }
    }

    private static long[] ParseSeeds(ArgumentResult argument)
    {
        var numbers = argument.Tokens.SelectMany(t => t.Value.Split(','))
            .Select(t => long.TryParse(t, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : (long?)null)
            .ToArray();
        if (numbers.Length == 0 || numbers.Contains(null) || numbers.Distinct().Count() != numbers.Length)
        {
            argument.AddError("--seeds must be different whole numbers separated by commas, for example 11,12,13.");
            return [];
        }

        return [.. numbers.Select(n => n!.Value)];
    }
}
