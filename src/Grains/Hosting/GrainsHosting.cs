using ClinicalGpt.Orleans.Grains.Compute;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Draining;
using ClinicalGpt.Orleans.Grains.Exports;
using ClinicalGpt.Orleans.Grains.Placement;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Training;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Placement;

namespace ClinicalGpt.Orleans.Grains.Hosting;

/// <summary>Adds the actors to a silo.</summary>
public static class GrainsHosting
{
    /// <summary>Registers the device, the stages and role placement, and publishes the silo's roles to its peers. The
    /// storage ports (<c>IBlobStore</c>, <c>IRunStore</c>, <c>IAuditLog</c>), grain storage <c>Default</c> and reminders
    /// are the host's to register.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="configure">Device and roles.</param>
    public static ISiloBuilder AddClinicalGptGrains(this ISiloBuilder silo, Action<DeviceOptions> configure)
    {
        var options = new DeviceOptions();
        configure(options);
        silo.Services.Configure(configure);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.AddSingleton<ModelSource>();
        silo.Services.AddSingleton<DeviceHost>();
        silo.Services.AddSingleton<RunData>();
        silo.Services.AddSingleton<Vocabularies>();
        silo.Services.AddSingleton<StageTrainerFactory>();
        silo.Services.AddSingleton<TorchInference>();
        silo.Services.AddSingleton<IRolloutCompute>(s => s.GetRequiredService<TorchInference>());
        silo.Services.AddSingleton<IReferenceCompute>(s => s.GetRequiredService<TorchInference>());
        silo.Services.AddSingleton<IRewardCompute>(s => s.GetRequiredService<TorchInference>());
        silo.Services.AddSingleton<ITrainingComputeFactory, TorchTrainingFactory>();
        silo.Services.AddSingleton<SiloRoles>();
        silo.Services.AddSingleton<SiloDrain>();
        silo.Services.AddSingleton<DrainCoordinator>();
        silo.Services.AddSingleton<IIncomingGrainCallFilter, DrainCallFilter>();
        silo.Services.AddSingleton<BaseModelPreparation>();
        silo.Services.AddSingleton<RolloutDealer>();
        silo.Services.AddSingleton<NormalizationStep>();
        silo.Services.AddSingleton<DevelopmentCheck>();
        silo.Services.AddSingleton<DataStage>();
        silo.Services.AddSingleton<PpoStage>();
        silo.Services.AddSingleton<EvaluateStage>();
        silo.Services.AddSingleton<StageMachine>();
        silo.Services.AddSingleton<ModelExport>();
        silo.Services.AddSingleton<HistoryExport>();
        // A strategy for each grain class: one shared by all would carry the role of whichever class was placed last.
        silo.Services.AddPlacementFilter<RoleFilterStrategy, RoleFilterDirector>(ServiceLifetime.Transient);
        silo.UseSiloMetadata(new Dictionary<string, string>
        {
            [SiloRoles.RolesKey] = string.Join(',', options.Roles),
            ["clinicalgpt.device"] = options.Device,
        });
        return silo;
    }
}
