using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>cluster drain</c>: takes a silo out of the cluster without repeating any work.</summary>
internal static class ClusterDrainCommand
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(300);

    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("silo") { Description = "Name of the silo, as `cluster status` shows it." };
        var force = new Option<bool>("--force") { Description = "Drain it even where no other silo has one of its roles; runs then wait for one." };
        var command = new Command("drain", "Gives a silo no new work, waits for what it holds, and has it leave. Ctrl-C stops watching, never the drain.")
        {
            name, force,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var silo = result.GetValue(name)!;
            RefuseUnwise(await ClusterCommand.ReadAsync(session.Orleans, cancellationToken), silo, result.GetValue(force));
            var status = await session.Orleans.GetGrain<IDeviceGrain>($"device@{silo}").Drain().WaitAsync(cancellationToken);
            return await WatchAsync(context, result, session.Orleans, silo, status, cancellationToken);
        });
        return HelpWithExamples.Attach(command, "clinicalgpt cluster drain silo-2", "clinicalgpt cluster drain silo-2 --force");
    }

    private static void RefuseUnwise(SiloLine[] silos, string name, bool force)
    {
        var leaving = silos.FirstOrDefault(s => s.Name == name) ?? throw new ProblemException(
            ErrorCodes.SettingInvalid,
            $"there is no active silo '{name}'; active are {string.Join(", ", silos.Select(s => s.Name))}",
            key: "silo");
        var staying = silos.Where(s => s.Name != name && s.Device is { Draining: false }).SelectMany(s => s.Device!.Roles).ToHashSet();
        var lost = (leaving.Device?.Roles ?? []).Where(r => !staying.Contains(r)).ToArray();
        if (lost.Length > 0 && !force)
        {
            throw new ProblemException(
                ErrorCodes.SettingInvalid,
                $"'{name}' is the last silo with {(lost.Length == 1 ? "role" : "roles")} {string.Join(", ", lost)}: without it runs wait until "
                + "another joins. Start another first, or drain it all the same with --force.",
                key: "silo");
        }
    }

    private static async Task<int> WatchAsync(
        CommandContext context, ParseResult result, IClusterClient cluster, string silo, DeviceStatus status, CancellationToken cancellationToken)
    {
        try
        {
            var shown = "";
            while (true)
            {
                var holds = status.Held.Length == 0 ? "nothing" : string.Join(", ", status.Held);
                if (holds != shown && !context.IsJson(result))
                {
                    context.Terminal.Out.WriteLine($"{silo} is draining; it holds {holds}");
                    shown = holds;
                }

                await Task.Delay(Poll, cancellationToken);
                var line = (await ClusterCommand.ReadAsync(cluster, cancellationToken)).FirstOrDefault(s => s.Name == silo);
                if (line is null)
                {
                    break;
                }

                status = line.Device ?? status;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Terminal.Error.WriteLine($"detached; {silo} goes on draining. See it with: clinicalgpt cluster status");
            return ExitCodes.Interrupted;
        }

        if (context.IsJson(result))
        {
            context.Terminal.WriteJson(new { silo, state = "Left" });
        }
        else
        {
            context.Terminal.Out.WriteLine($"{silo} has left the cluster");
        }

        return ExitCodes.Ok;
    }
}
