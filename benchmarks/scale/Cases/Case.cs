using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Cases;

/// <summary>A question to the simulation.</summary>
/// <param name="Title">For the report.</param>
/// <param name="Says">What differs from the first case, and why.</param>
/// <param name="Model">Durations.</param>
/// <param name="Silos">Numbers of rollout silos.</param>
/// <param name="Slow">Times as long as the others that the first rollout silo takes.</param>
internal sealed record Case(string Title, string Says, DurationModel Model, IReadOnlyList<int> Silos, double Slow = 1)
{
    /// <summary>Times as long as otherwise that the longest answer is in the case of a longer tail.</summary>
    public const int LongerTail = 2;

    /// <summary>Times as much that the policy step takes where it is to be the limit.</summary>
    public const double SlowPolicy = 40;

    /// <summary>Times as long that reference and reward model take where they are to be the limit.</summary>
    public const double SlowReference = 8;

    /// <summary>Times as long that one silo takes in the case of a slow one.</summary>
    public const double SlowSilo = 4;

    /// <summary>The cases of the report.</summary>
    /// <param name="model">Durations of the first one.</param>
    /// <param name="silos">Numbers of rollout silos of the first one, ascending.</param>
    public static IReadOnlyList<Case> All(DurationModel model, IReadOnlyList<int> silos)
    {
        var last = silos.TakeLast(2).ToArray();
        return
        [
            new("Rollouts are the work", "Policy, reference and reward model are fast enough to wait for the rollouts.", model, silos),
            new(
                "A longer tail",
                FormattableString.Invariant($"Answers of up to {LongerTail * model.MaxTokens} tokens. An iteration ends with its last chunk, and the more silos there are, the fewer other chunks hide a long one."),
                model with { MaxTokens = LongerTail * model.MaxTokens }, last),
            new(
                "The policy step is the limit",
                FormattableString.Invariant($"A sequence takes the policy {SlowPolicy:0} times as long. What does not shrink with more silos soon is most of the iteration."),
                model with { LearnPerSequence = model.LearnPerSequence * SlowPolicy }, last),
            new(
                "Reference and reward model are the limit",
                FormattableString.Invariant($"They take {SlowReference:0} times as long. A run has one reference and one reward grain, and each answers one chunk after the other."),
                model with { ForwardFixed = model.ForwardFixed * SlowReference, ForwardTokensPerSecond = model.ForwardTokensPerSecond / SlowReference }, last),
            new(
                "One slow silo",
                FormattableString.Invariant($"One rollout silo takes {SlowSilo:0} times as long as the others. It takes fewer chunks, but everybody waits for its last one."),
                model, last, SlowSilo),
        ];
    }
}

/// <summary>What came of a case with some number of silos.</summary>
internal sealed record Outcome
{
    public required int Silos { get; init; }

    public required int Iterations { get; init; }

    /// <summary>Simulated seconds of an iteration, mean.</summary>
    public required double Seconds { get; init; }

    /// <summary>The same if dealing, messages, reference and reward model cost nothing.</summary>
    public required double IdealSeconds { get; init; }

    /// <summary>Simulated seconds of an iteration for policy step and commit.</summary>
    public required double SerialSeconds { get; init; }

    /// <summary>Share of their time before the policy step in which rollout silos generate.</summary>
    public required double Utilisation { get; init; }

    /// <summary>Share of the time before the policy step in which the reference computes.</summary>
    public required double ReferenceBusy { get; init; }

    /// <summary>Grain calls of an iteration.</summary>
    public required double Calls { get; init; }

    /// <summary>Bytes sent between silos in an iteration.</summary>
    public required double Bytes { get; init; }

    /// <summary>Processor seconds of this process for an iteration: every silo's actors, serialization, database driver.</summary>
    public required double ProcessorSeconds { get; init; }

    public double PerHour => 3600 / Seconds;

    /// <summary>Iterations an hour if all processor time of all silos were spent by one core, one after the other, and none
    /// of it beside the devices' work: less than any real cluster has.</summary>
    public double PerHourAtWorst => 3600 / (Seconds + ProcessorSeconds);
}
