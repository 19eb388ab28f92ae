using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Learning.Native;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>Owns a silo's device: its one thread, the memory plan, and the models loaded on it. One for each silo process;
/// grains hold light handles, so a deactivated or duplicated activation frees and doubles nothing by itself.</summary>
public sealed class DeviceHost : IDisposable
{
    private readonly DeviceOptions _options;
    private readonly ILocalSiloDetails _silo;

    /// <summary>Checks that the native library is there, and starts the device thread.</summary>
    /// <param name="options">The device.</param>
    /// <param name="silo">This silo.</param>
    /// <param name="sources">Where models come from.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Loggers.</param>
    public DeviceHost(
        IOptions<DeviceOptions> options, ILocalSiloDetails silo, ModelSource sources, TimeProvider time, ILoggerFactory loggers)
    {
        TorchRuntime.EnsureAvailable();
        (_options, _silo) = (options.Value, silo);
        Executor = new DeviceExecutor(_options.CallDeadline, time, loggers.CreateLogger<DeviceExecutor>());
        Memory = new MemoryPlan(_options.MemoryBytes > 0
            ? _options.MemoryBytes
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3);
        Models = new ModelCache(sources, Executor, Memory);
    }

    /// <summary>The device thread.</summary>
    public DeviceExecutor Executor { get; }

    /// <summary>The memory plan.</summary>
    public MemoryPlan Memory { get; }

    /// <summary>Models on the device.</summary>
    public ModelCache Models { get; }

    /// <summary>The silo's name.</summary>
    public string SiloName => _silo.Name;

    /// <summary>The device at this moment.</summary>
    public DeviceStatus Status() => new()
    {
        Silo = _silo.Name,
        Device = _options.Device,
        Roles = _options.Roles,
        CapacityBytes = Memory.CapacityBytes,
        Reservations = Memory.Snapshot(),
        QueueLength = Executor.QueueLength,
        Current = Executor.Current,
        ProcessBytes = Environment.WorkingSet,
    };

    /// <inheritdoc/>
    public void Dispose() => Executor.Dispose();
}
