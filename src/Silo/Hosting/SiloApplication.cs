using System.Net;
using System.Net.Sockets;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Silo.Health;
using ClinicalGpt.Orleans.Storage;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Builds and runs the silo's host.</summary>
public static class SiloApplication
{
    /// <summary>Builds a silo from appsettings.json, environment and command line.</summary>
    /// <param name="args">Command line, for example <c>--Silo:Name=silo-2</c>.</param>
    /// <exception cref="ProblemException">CGPT2007: settings are wrong, all of them listed.</exception>
    public static WebApplication Create(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ContentRootPath = AppContext.BaseDirectory,
        });
        return Build(builder, SiloOptionsReader.Read(builder.Configuration), ownsProcess: true);
    }

    /// <summary>Builds a silo from options, inside a process that has its own lifetime: signals are left to it.</summary>
    /// <param name="options">The options.</param>
    /// <param name="configure">Anything more, for example a log file or a client beside the silo.</param>
    /// <exception cref="ProblemException">CGPT2007: options are wrong, all of them listed.</exception>
    public static WebApplication Create(SiloOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var problems = SiloOptionsReader.Check(options);
        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        return Build(builder, options, ownsProcess: false, configure);
    }

    /// <summary>Runs a silo until it is told to stop (SIGTERM, Ctrl-C): leaves the cluster gracefully, then returns.</summary>
    /// <param name="args">Command line.</param>
    /// <param name="cancellationToken">Stops it as SIGTERM does.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var application = Create(args);
            ArmFailpoint(application.Services.GetRequiredService<SiloOptions>());
            await StartAsync(application, cancellationToken);
            await Console.Out.WriteLineAsync(application.Services.GetRequiredService<SiloOptions>().Describe());
            await application.WaitForShutdownAsync(cancellationToken);
            return ExitCodes.Ok;
        }
        catch (ProblemException e)
        {
            foreach (var problem in e.Problems)
            {
                await Console.Error.WriteLineAsync(problem.ToString());
            }

            return ExitCodes.For(e);
        }
    }

    /// <summary>Starts a built silo; returns once it is a member of the cluster.</summary>
    /// <param name="application">From <see cref="Create(string[])"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProblemException">CGPT4009 port in use, CGPT3007 torch missing, CGPT4001 database unreachable,
    /// CGPT4003 or CGPT4014 schema.</exception>
    public static async Task StartAsync(WebApplication application, CancellationToken cancellationToken)
    {
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (Exception e) when (IsPortTaken(e))
        {
            // Taken between the check and the start.
            throw new ProblemException(ErrorCodes.PortInUse, $"a port was taken while the silo started: {e.Message}");
        }
    }

    /// <summary>Here and nowhere else, so that no silo inside another program can have one.</summary>
    private static void ArmFailpoint(SiloOptions options)
    {
        var loopbackOnly = IPAddress.IsLoopback(IPAddress.Parse(options.BindAddress));
        if (FailpointSettings.Read(Environment.GetEnvironmentVariable, loopbackOnly) is { } failpoint)
        {
            Console.Error.WriteLine(
                $"{options.Name}: {FailpointSettings.Variable} is set: this silo will {failpoint.Action} at {failpoint.Name} '{failpoint.Detail}', on purpose");
            Failpoint.Arm(failpoint);
        }
    }

    private static WebApplication Build(
        WebApplicationBuilder builder, SiloOptions options, bool ownsProcess, Action<WebApplicationBuilder>? configure = null)
    {
        if (options.TorchLibraryPath is { } libraries)
        {
            // Read by the loader before the first tensor, once per process.
            Environment.SetEnvironmentVariable("Torch__LibraryPath", libraries);
        }

        SiloLogging.Configure(builder.Logging, builder.Configuration);
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Parse(options.BindAddress), options.HttpPort));
        builder.Services.AddSingleton(options);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.ShutdownTimeout);
        if (!ownsProcess)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<IHostLifetime, EmbeddedLifetime>());
        }

        // First of the hosted services: nothing else starts before its checks have passed.
        builder.Services.AddHostedService<SiloPreflight>();
        builder.Services.AddClinicalGptStorage(options.ConnectionString);
        builder.Services.AddHostedService<GarbageCollection>();
        builder.UseOrleans(silo => OrleansSetup.Configure(silo, options));
        configure?.Invoke(builder);

        var application = builder.Build();
        application.MapSiloHealth();
        return application;
    }

    private static bool IsPortTaken(Exception e) =>
        e is AddressInUseException or SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
        || (e.InnerException is { } inner && IsPortTaken(inner));

    /// <summary>Leaves signals to the process the silo lives in.</summary>
    private sealed class EmbeddedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
