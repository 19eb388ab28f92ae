using System.CommandLine;
using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Cluster.Harness;

namespace ClinicalGpt.Orleans.Chaos;

/// <summary>Runs the micro recipe again and again on real silos and a real PostgreSQL, kills at random moments, and compares
/// everything each run leaves behind with a run left alone.</summary>
internal static class ChaosCommand
{
    public static RootCommand Create()
    {
        var runs = Number("--runs", "Runs to disturb.", 3, 1, 1000);
        var kills = Number("--kills", "Kills in each run, at most: a run may be over before the last.", 4, 1, 50);
        var silos = Number("--silos", "Silos, each with all roles.", 3, 1, 16);
        var seed = Number("--seed", "Decides moments and victims; what is going on at a moment depends on the machine.", 1, 0, int.MaxValue);
        var sets = new Option<string[]>("--set") { Description = "Overrides a key of recipes/micro.yaml. May be repeated.", HelpName = "key=value" };
        var command = new RootCommand(
            "Kills silos and PostgreSQL (SIGKILL) and freezes silos (SIGSTOP, SIGCONT) at random moments of real runs. Ends with the line "
            + "`chaos: K kills in N runs, N identical`, and with exit code 0 only when every run ended in the bytes of the undisturbed one "
            + "and `run check` finds nothing.")
        {
            runs, kills, silos, seed, sets,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var recipe = MicroRecipe.Read(result.GetValue(sets) ?? []);
            var plan = new ChaosPlan(result.GetValue(kills), result.GetValue(silos));
            return await RunAsync(recipe, plan, result.GetValue(runs), result.GetValue(seed), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(Recipe recipe, ChaosPlan plan, int runs, int seed, CancellationToken cancellationToken)
    {
        await using var postgres = await PostgresServer.StartAsync();
        var undisturbed = await UndisturbedRun.MeasureAsync(postgres, recipe);
        Console.WriteLine($"undisturbed: {undisturbed.Duration.TotalSeconds:0.0} s on one silo, final weights {undisturbed.Outcome.FinalHash[..12]}");

        var (kills, identical) = (0, 0);
        for (var number = 1; number <= runs; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // One stream of random numbers a run, so that run 7 of 10 is run 7 of 100.
            var run = new ChaosRun(postgres, recipe, plan, undisturbed, new Random(unchecked((seed * 7919) + number)));
            var report = await run.ExecuteAsync(cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"run {number}: {report}"));
            kills += report.Kills.Count;
            identical += report.Difference is null ? 1 : 0;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"chaos: {kills} kills in {runs} runs, {identical} identical"));
        return identical == runs ? 0 : 1;
    }

    private static Option<int> Number(string name, string description, int otherwise, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is var value && (value < least || value > most))
            {
                r.AddError($"{name} is {value}; it must be {least} to {most}");
            }
        });
        return option;
    }
}

/// <summary>How a run is disturbed.</summary>
/// <param name="Kills">Kills in each run, at most.</param>
/// <param name="Silos">Silos.</param>
internal sealed record ChaosPlan(int Kills, int Silos);
