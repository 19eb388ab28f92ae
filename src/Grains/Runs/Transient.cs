using System.Data.Common;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Tells failures of surroundings, which repeating cures, from failures of the work itself.</summary>
internal static class Transient
{
    /// <summary>Whether the work should simply be done again: a silo died, no silo with the role is there yet, the
    /// database is away or cannot write.</summary>
    public static bool Is(Exception e) => e switch
    {
        // Reminders and grain state: Orleans lets the driver's errors through. 57P: the server is shutting down or was killed;
        // 25006: it is read-only.
        DbException d => d.IsTransient || d.SqlState is "25006" || d.SqlState?.StartsWith("57P", StringComparison.Ordinal) == true,
        SiloUnavailableException or OrleansMessageRejectionException or TimeoutException => true,
        ProblemException p => p.Problems.All(x => x.Code is ErrorCodes.DatabaseUnreachable or ErrorCodes.DatabaseUnwritable),
        OrleansException o => o.Message.Contains("No active nodes are compatible", StringComparison.Ordinal)
            || o.GetType().Name is "ConnectionFailedException" or "GrainExtensionNotInstalledException",
        _ => false,
    };
}
