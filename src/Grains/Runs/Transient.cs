using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Tells failures of surroundings, which repeating cures, from failures of the work itself.</summary>
internal static class Transient
{
    /// <summary>Whether the work should simply be done again: a silo died, no silo with the role is there yet, the database is away.</summary>
    public static bool Is(Exception e) => e switch
    {
        SiloUnavailableException or OrleansMessageRejectionException or TimeoutException => true,
        ProblemException p => p.Problems.All(x => x.Code == ErrorCodes.DatabaseUnreachable),
        OrleansException o => o.Message.Contains("No active nodes are compatible", StringComparison.Ordinal)
            || o.GetType().Name is "ConnectionFailedException" or "GrainExtensionNotInstalledException",
        _ => false,
    };
}
