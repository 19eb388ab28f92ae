using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ClinicalGpt.Orleans.Cluster.Tests;

/// <summary>A silo in a process of its own. Started again under the same name it keeps its ports, as a service would.</summary>
internal sealed class SiloProcess(string name, string roles, string connectionString) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly HttpClient Http = new();
    private readonly int[] _ports = FreePorts(3);
    private readonly StringBuilder _log = new();
    private Process? _process;

    public string Name => name;

    /// <summary>Everything it has written, over all its lives.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ClinicalGpt.Orleans.Silo.dll")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var settings = new Dictionary<string, string>
        {
            ["Silo__Name"] = name,
            ["Silo__Roles"] = roles,
            ["Silo__SiloPort"] = _ports[0].ToString(),
            ["Silo__GatewayPort"] = _ports[1].ToString(),
            ["Silo__HttpPort"] = _ports[2].ToString(),
            ["Storage__ConnectionString"] = connectionString,
        };
        foreach (var (key, value) in settings)
        {
            start.Environment[key] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Append(e.Data);
        _process.ErrorDataReceived += (_, e) => Append(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await Wait.UntilAsync($"silo {name} is ready", StartLimit, IsReadyAsync, () => Log);
    }

    /// <summary>SIGKILL: no handler runs, nothing is written, sockets just close.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            Kill();
        }

        _process?.Dispose();
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, l => l.Start());
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        Array.ForEach(listeners, l => l.Stop());
        return ports;
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process!.HasExited, $"silo {name} ended: {Log}");
        try
        {
            using var response = await Http.GetAsync(new Uri($"http://127.0.0.1:{_ports[2]}/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Append(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
