using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Local;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>down</c>: stops what <c>up</c> started.</summary>
internal static class DownCommand
{
    /// <summary>A little more than the silos' own time for a graceful stop.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(130);

    public static Command Create(CommandContext context)
    {
        var patience = new Option<int>("--patience")
        {
            Description = "Seconds a silo may take to finish its work; then it is killed (its runs go on from the last commit).",
            DefaultValueFactory = _ => (int)DefaultPatience.TotalSeconds,
            HelpName = "s",
        };
        var command = new Command("down", "Stops the silos gracefully, then PostgreSQL. Data and runs stay.") { patience };
        command.SetAction(async (result, cancellationToken) =>
        {
            if (ClusterFile.Load(context.Home) is not { } cluster)
            {
                Write([], []);
                context.Terminal.Error.WriteLine("nothing is running");
                return ExitCodes.Ok;
            }

            var killed = await new LocalCluster(context.Home, context.Terminal.Error).StopAsync(
                cluster, TimeSpan.FromSeconds(Math.Max(0, result.GetValue(patience))), cancellationToken);
            Write([.. cluster.Silos.Select(s => s.Name).Except(killed)], killed);
            foreach (var name in killed)
            {
                context.Terminal.Error.WriteLine($"{name} did not stop in time and was killed");
            }

            context.Terminal.Error.WriteLine("stopped; `clinicalgpt up` goes on where it was");
            return ExitCodes.Ok;

            void Write(IReadOnlyList<string> stopped, IReadOnlyList<string> forced)
            {
                if (context.IsJson(result))
                {
                    context.Terminal.WriteJson(new { Stopped = stopped, Killed = forced });
                }
            }
        });
        return HelpWithExamples.Attach(command, "clinicalgpt down");
    }
}
