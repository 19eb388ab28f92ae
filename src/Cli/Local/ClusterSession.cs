using ClinicalGpt.Orleans.Cli.Commands;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Client;
using ClinicalGpt.Orleans.Client.Runs;

namespace ClinicalGpt.Orleans.Cli.Local;

/// <summary>A connection to a cluster for the length of a command.</summary>
internal sealed class ClusterSession : IAsyncDisposable
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(8);
    private readonly IHost _host;

    private ClusterSession(IHost host)
    {
        _host = host;
    }

    public ClinicalGptClient Client => _host.Services.GetRequiredService<ClinicalGptClient>();

    public IClusterClient Orleans => _host.Services.GetRequiredService<IClusterClient>();

    /// <summary>Connects to the cluster the options name, else to the one started by <c>up</c>.</summary>
    /// <exception cref="ProblemException">CGPT4010: no cluster is known, or none answers. CGPT4001: the database does not.</exception>
    public static async Task<ClusterSession> OpenAsync(CommandContext context, ParseResult result, CancellationToken cancellationToken)
    {
        var known = ClusterFile.Load(context.Home);
        var asked = context.RequestedConnection(result);
        var connection = asked ?? known?.ConnectionString ?? throw new ProblemException(
            ErrorCodes.ClusterUnreachable,
            "no cluster is known; start one with `clinicalgpt up`, or name its database with --connection or CLINICALGPT_CONNECTION");
        var isOurs = known is not null && known.ConnectionString == connection;
        var clusterId = result.GetValue(context.ClusterId) ?? (isOurs ? known!.ClusterId : SiloOptions.DefaultId);
        var gateway = isOurs ? known!.Silos.FirstOrDefault(s => s.IsAlive())?.GatewayPort : null;
        try
        {
            await DatabaseProbe.CheckAsync(connection, cancellationToken);
        }
        catch (ProblemException e) when (gateway is not null && e.Problems[0].Code == ErrorCodes.DatabaseUnreachable)
        {
            // Silos of this machine need no database to be found, and tell what runs are waiting for.
            context.Terminal.WriteProblems(e.Problems);
            return await ConnectAsync(null, gateway, clusterId, known!.ServiceId, cancellationToken);
        }

        return await ConnectAsync(connection, null, clusterId, isOurs ? known!.ServiceId : SiloOptions.DefaultId, cancellationToken);
    }

    private static async Task<ClusterSession> ConnectAsync(
        string? connection, int? gateway, string clusterId, string serviceId, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddClinicalGptClient(o =>
        {
            o.ConnectionString = connection;
            o.GatewayPort = gateway;
            o.ClusterId = clusterId;
            o.ServiceId = serviceId;
        });
        var host = builder.Build();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ConnectPatience);
        try
        {
            await host.StartAsync(patience.Token);
            return new ClusterSession(host);
        }
        catch (Exception e)
        {
            host.Dispose();
            if (FindProblem(e) is { } problem)
            {
                throw problem;
            }

            if (!cancellationToken.IsCancellationRequested && patience.IsCancellationRequested)
            {
                throw new ProblemException(
                    ErrorCodes.ClusterUnreachable,
                    $"no silo of cluster '{clusterId}' answers; start one with `clinicalgpt up`, or name the cluster with --cluster-id");
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _host.StopAsync(patience.Token);
        _host.Dispose();
    }

    private static ProblemException? FindProblem(Exception? e) => e switch
    {
        null => null,
        ProblemException problem => problem,
        AggregateException all => all.InnerExceptions.Select(FindProblem).FirstOrDefault(p => p is not null),
        _ => FindProblem(e.InnerException),
    };
}
