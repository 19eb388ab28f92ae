using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Cli.Home;

namespace ClinicalGpt.Orleans.Cli.Local;

/// <summary>Ports for silos on this machine: those of last time where they are free (a cluster that comes back at its old
/// addresses needs no waiting), else the usual ones, else any.</summary>
internal sealed class PortPlan(ClusterFile? last)
{
    private readonly HashSet<int> _taken = [];

    public (int Silo, int Gateway, int Http) For(string name, int index)
    {
        var before = last?.Silos.FirstOrDefault(s => s.Name == name);
        return (
            Choose(before?.SiloPort, 11111 + index),
            Choose(before?.GatewayPort, 30000 + index),
            Choose(before?.HttpPort, 8081 + index));
    }

    private int Choose(int? before, int usual)
    {
        foreach (var port in new[] { before ?? usual, usual })
        {
            if (PortProbe.IsFree(IPAddress.Loopback, port) && _taken.Add(port))
            {
                return port;
            }
        }

        while (true)
        {
            var port = AnyFreePort();
            if (_taken.Add(port))
            {
                return port;
            }
        }
    }

    private static int AnyFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
