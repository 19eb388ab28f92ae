using System.Globalization;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;
using Spectre.Console;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>up</c>: a cluster on this machine.</summary>
internal static class UpCommand
{
    private const int MostSilos = 32;
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(1);

    public static Command Create(CommandContext context)
    {
        var silos = new Option<int>("--silos") { Description = "Silo processes to start, 1 to 32.", DefaultValueFactory = _ => 1, HelpName = "n" };
        silos.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > MostSilos)
            {
                r.AddError($"--silos must be 1 to {MostSilos}.");
            }
        });
        var roles = new Option<string[]>("--roles")
        {
            Description = "Roles, comma-separated: policy, reference, reward, rollout. Once for all silos, or once for each. Default: all.",
            HelpName = "roles",
        };
        roles.Validators.Add(r =>
        {
            foreach (var strange in r.Tokens.SelectMany(t => Split(t.Value)).Except(SiloOptions.KnownRoles))
            {
                r.AddError($"'{strange}' is no role; roles are {string.Join(", ", SiloOptions.KnownRoles)}.");
            }
        });
        var settings = new Option<string[]>("--setting") { Description = "A silo setting, for example Device:Kind=cuda. May be repeated.", HelpName = "key=value" };
        var foreground = new Option<bool>("--foreground") { Description = "Stay, and stop everything on Ctrl-C." };
        var command = new Command("up", "Starts PostgreSQL and silos on this machine, and leaves them running.") { silos, roles, settings, foreground };
        command.SetAction((result, cancellationToken) => RunAsync(
            context,
            result,
            new UpRequest(
                result.GetValue(silos),
                result.GetValue(roles) is { Length: > 0 } lists ? [.. lists.Select(Split)] : [[.. SiloOptions.KnownRoles]],
                context.RequestedConnection(result),
                result.GetValue(context.ClusterId) ?? SiloOptions.DefaultId,
                result.GetValue(settings) ?? []),
            result.GetValue(foreground),
            cancellationToken));
        return HelpWithExamples.Attach(
            command,
            "clinicalgpt up",
            "clinicalgpt up --silos 3",
            "clinicalgpt up --silos 2 --roles policy,reference --roles reward,rollout",
            "clinicalgpt up --connection 'Host=db;Database=clinicalgpt;Username=clinicalgpt' --foreground");
    }

    private static async Task<int> RunAsync(
        CommandContext context, ParseResult result, UpRequest request, bool foreground, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        if (ClusterFile.Load(context.Home) is { } running && running.Silos.Any(s => s.IsAlive()))
        {
            terminal.Error.WriteLine("a cluster is running already; `clinicalgpt down` stops it");
            Show(context, result, running);
            return ExitCodes.Ok;
        }

        var missing = SiloOptions.KnownRoles.Except(request.Roles.Take(request.Silos).SelectMany(r => r)).ToArray();
        if (missing.Length > 0)
        {
            terminal.Error.WriteLine($"no silo has the role {string.Join(", ", missing)}: runs that need it will wait for one");
        }

        var local = new LocalCluster(context.Home, terminal.Error);
        var cluster = await local.StartAsync(request, cancellationToken);
        Show(context, result, cluster);
        if (!foreground)
        {
            terminal.Error.WriteLine();
            terminal.Error.WriteLine("Next: clinicalgpt run submit recipes/quickstart.yaml --watch");
            terminal.Error.WriteLine("      clinicalgpt cluster status");
            terminal.Error.WriteLine("      clinicalgpt down");
            return ExitCodes.Ok;
        }

        return await StayAsync(context, local, cluster, cancellationToken);
    }

    private static async Task<int> StayAsync(
        CommandContext context, LocalCluster local, ClusterFile cluster, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        terminal.Error.WriteLine("Ctrl-C stops the cluster");
        var lost = new HashSet<string>();
        try
        {
            while (lost.Count < cluster.Silos.Length)
            {
                await Task.Delay(LookAfter, cancellationToken);
                foreach (var silo in cluster.Silos.Where(s => !s.IsAlive() && lost.Add(s.Name)))
                {
                    terminal.Error.WriteLine($"{silo.Name} has ended; its log is {silo.Log}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("stopping");
        }

        await local.StopAsync(cluster, DownCommand.DefaultPatience, CancellationToken.None);
        return lost.Count == cluster.Silos.Length ? ExitCodes.Unreachable : ExitCodes.Ok;
    }

    /// <summary>The cluster without its connection string.</summary>
    internal static void Show(CommandContext context, ParseResult result, ClusterFile cluster)
    {
        if (context.IsJson(result))
        {
            context.Terminal.WriteJson(new
            {
                cluster.ClusterId,
                cluster.StartedAt,
                cluster.PostgresFolder,
                Silos = cluster.Silos.Select(s => new { s.Name, Alive = s.IsAlive(), s.Pid, s.SiloPort, s.GatewayPort, s.HttpPort, s.Roles, s.Log }),
            });
            return;
        }

        var table = Tables.Create("silo", "state", "pid", "ports (silo/gateway/http)", "roles", "log");
        foreach (var silo in cluster.Silos)
        {
            table.Line(
                silo.Name,
                silo.IsAlive() ? "running" : "ended",
                silo.Pid.ToString(CultureInfo.InvariantCulture),
                string.Create(CultureInfo.InvariantCulture, $"{silo.SiloPort}/{silo.GatewayPort}/{silo.HttpPort}"),
                string.Join(',', silo.Roles),
                silo.Log);
        }

        context.Terminal.Write(table);
    }

    private static string[] Split(string roles) =>
        roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
