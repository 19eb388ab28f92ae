using System.Net;
using System.Net.Sockets;

namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>Loopback ports nobody listens on.</summary>
public static class FreePorts
{
    /// <summary>Some ports; they are held open together while they are chosen, so that they differ.</summary>
    /// <param name="count">How many.</param>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            Array.ForEach(listeners, l => l.Start());
            return [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        }
        finally
        {
            Array.ForEach(listeners, l => l.Dispose());
        }
    }
}
