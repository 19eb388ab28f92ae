using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary>A silo as <c>cluster status</c> shows it.</summary>
internal sealed record SiloLine(string Name, string Address, string State, DateTimeOffset Since, DeviceStatus? Device);

/// <summary><c>cluster</c> with <c>status</c>.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan DevicePatience = TimeSpan.FromSeconds(5);

    public static Command Create(CommandContext context)
    {
        var status = new Command("status", "Silos with their roles, devices, memory and what they are working on.");
        status.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var lines = await ReadAsync(session.Orleans, cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(lines);
            }
            else
            {
                Show(context.Terminal, lines);
            }

            return ExitCodes.Ok;
        });
        HelpWithExamples.Attach(status, "clinicalgpt cluster status", "clinicalgpt cluster status -o json");
        return new Command("cluster", "The silos.") { status, ClusterDrainCommand.Create(context) };
    }

    /// <summary>The active silos, in the order of their names.</summary>
    public static async Task<SiloLine[]> ReadAsync(IClusterClient cluster, CancellationToken cancellationToken)
    {
        var hosts = await cluster.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: true).WaitAsync(cancellationToken);
        return await Task.WhenAll(hosts.OrderBy(h => h.SiloName, StringComparer.Ordinal).Select(async host => new SiloLine(
            host.SiloName,
            host.SiloAddress.Endpoint.ToString(),
            Format.Status(host.Status),
            new DateTimeOffset(host.StartTime, TimeSpan.Zero),
            await DeviceAsync(cluster, host.SiloName, cancellationToken))));
    }

    // A silo that is just leaving has no device to ask; the others are shown all the same.
    private static async Task<DeviceStatus?> DeviceAsync(IClusterClient cluster, string silo, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.GetGrain<IDeviceGrain>($"device@{silo}").GetStatus().WaitAsync(DevicePatience, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or global::Orleans.Runtime.OrleansException)
        {
            return null;
        }
    }

    private static void Show(Terminal terminal, SiloLine[] lines)
    {
        var table = Tables.Create("silo", "address", "state", "up for", "device", "roles", "memory plan", "queue", "working on");
        var now = TimeProvider.System.GetUtcNow();
        foreach (var line in lines)
        {
            table.Line(
                line.Name,
                line.Address,
                line.Device is { Draining: true } ? "Draining" : line.State,
                Format.Duration(now - line.Since),
                line.Device?.Device ?? "no answer",
                string.Join(',', line.Device?.Roles ?? []),
                line.Device is { } d ? $"{GiB(d.Reservations.Sum(r => r.Bytes))} of {GiB(d.CapacityBytes)} GiB" : "",
                line.Device?.QueueLength.ToString(CultureInfo.InvariantCulture) ?? "",
                line.Device?.Current ?? "");
        }

        terminal.Write(table);
    }

    private static string GiB(long bytes) => (bytes / (double)(1 << 30)).ToString("0.0", CultureInfo.InvariantCulture);
}
