namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>One thing that was checked about a run.</summary>
/// <param name="Name">What was checked, for example <c>ledger</c>.</param>
/// <param name="Passed">Whether it holds.</param>
/// <param name="Detail">What was counted, or what is wrong.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.RunCheckLine")]
public sealed record RunCheckLine([property: Id(0)] string Name, [property: Id(1)] bool Passed, [property: Id(2)] string Detail);
