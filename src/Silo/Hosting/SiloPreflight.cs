using ClinicalGpt.Orleans.Learning.Native;
using ClinicalGpt.Orleans.Storage.Migrations;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Runs before anything of the host starts: ports, native torch, database, schema. A silo that cannot work never
/// joins the cluster.</summary>
internal sealed class SiloPreflight(SiloOptions options, Migrator migrator) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        PortProbe.Check(options);
        TorchRuntime.EnsureAvailable();
        await DatabaseProbe.CheckAsync(options.ConnectionString, cancellationToken);
        if (options.Migrate)
        {
            await migrator.MigrateAsync(cancellationToken);
        }
        else
        {
            await migrator.EnsureCurrentAsync(cancellationToken);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
