using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Tries the silo's ports before anything else is started, so that all that are taken are reported at once.</summary>
public static class PortProbe
{
    /// <summary>Checks the three ports.</summary>
    /// <param name="options">Bind address and ports.</param>
    /// <exception cref="ProblemException">CGPT4009, one problem for each port in use.</exception>
    public static void Check(SiloOptions options)
    {
        var address = IPAddress.Parse(options.BindAddress);
        (string Key, int Port)[] ports =
        [
            ("Silo:SiloPort", options.SiloPort), ("Silo:GatewayPort", options.GatewayPort), ("Silo:HttpPort", options.HttpPort),
        ];
        var problems = ports
            .Select(p => (p.Key, p.Port, Refusal: Refusal(address, p.Port)))
            .Where(p => p.Refusal is not null)
            .Select(p => new Problem(
                ErrorCodes.PortInUse, $"port {p.Port} on {address} cannot be used: {p.Refusal}. Stop what uses it or choose another.", Key: p.Key))
            .ToArray();
        if (problems.Length > 0)
        {
            throw new ProblemException(problems);
        }
    }

    /// <summary>Whether a port can be listened on now.</summary>
    /// <param name="address">Address to bind.</param>
    /// <param name="port">The port.</param>
    public static bool IsFree(IPAddress address, int port) => Refusal(address, port) is null;

    private static string? Refusal(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program listens on it",
                SocketError.AddressNotAvailable => "the address is not one of this machine's",
                SocketError.AccessDenied => "ports below 1024 need privileges",
                _ => e.SocketErrorCode.ToString(),
            };
        }
    }
}
