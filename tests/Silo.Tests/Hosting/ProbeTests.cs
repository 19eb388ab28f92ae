using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Silo.Tests.Hosting;

public sealed class ProbeTests
{
    [Fact]
    public void PortProbe_TwoPortsTaken_ReportsBoth()
    {
        using var first = Listen();
        using var second = Listen();
        var options = new SiloOptions { SiloPort = PortOf(first), GatewayPort = FreePort(), HttpPort = PortOf(second) };

        var error = Assert.Throws<ProblemException>(() => PortProbe.Check(options));

        Assert.Equal(["Silo:SiloPort", "Silo:HttpPort"], error.Problems.Select(p => p.Key));
        Assert.All(error.Problems, p => Assert.Equal(ErrorCodes.PortInUse, p.Code));
        Assert.Equal(ExitCodes.Unreachable, ExitCodes.For(error));
    }

    [Fact]
    public async Task DatabaseProbe_NobodyListens_SaysWhereButNotThePassword()
    {
        var error = await Assert.ThrowsAsync<ProblemException>(() => DatabaseProbe.CheckAsync(
            $"Host=127.0.0.1;Port={FreePort()};Database=clinic;Username=u;Password=hunter2", CancellationToken.None));

        var problem = Assert.Single(error.Problems);
        Assert.Equal(ErrorCodes.DatabaseUnreachable, problem.Code);
        Assert.Contains("clinic", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', problem.Message);
    }

    [Fact]
    public async Task DatabaseProbe_NotAConnectionString_DoesNotRepeatIt()
    {
        var error = await Assert.ThrowsAsync<ProblemException>(
            () => DatabaseProbe.CheckAsync("Passwort=hunter2", CancellationToken.None));

        Assert.Equal(ErrorCodes.SettingInvalid, Assert.Single(error.Problems).Code);
        Assert.DoesNotContain("hunter2", error.Message, StringComparison.Ordinal);
    }

    internal static int FreePort()
    {
        using var listener = Listen();
        return PortOf(listener);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
