namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>A row of a device's memory plan.</summary>
/// <param name="Holder">Who holds it.</param>
/// <param name="Kind">weights, adapter, optimizer, activations, kv-cache.</param>
/// <param name="Bytes">How much.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.MemoryReservation")]
public sealed record MemoryReservation(
    [property: Id(0)] string Holder, [property: Id(1)] string Kind, [property: Id(2)] long Bytes);

/// <summary>A silo's device.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.DeviceStatus")]
public sealed record DeviceStatus
{
    /// <summary>Silo name.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    [Id(1)]
    public required string Device { get; init; }

    /// <summary>Roles of the silo.</summary>
    [Id(2)]
    public required string[] Roles { get; init; }

    /// <summary>Bytes the plan may grant.</summary>
    [Id(3)]
    public required long CapacityBytes { get; init; }

    /// <summary>Who holds what.</summary>
    [Id(4)]
    public required MemoryReservation[] Reservations { get; init; }

    /// <summary>Jobs waiting for the device thread.</summary>
    [Id(5)]
    public required int QueueLength { get; init; }

    /// <summary>The job on the device, or null.</summary>
    [Id(6)]
    public string? Current { get; init; }

    /// <summary>Resident memory of the process, bytes.</summary>
    [Id(7)]
    public long ProcessBytes { get; init; }

    /// <summary>Whether the silo is being drained.</summary>
    [Id(8)]
    public bool Draining { get; init; }

    /// <summary>What the silo holds at this moment: runs it carries and calls in progress.</summary>
    [Id(9)]
    public string[] Held { get; init; } = [];
}
