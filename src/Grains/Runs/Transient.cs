using System.Data.Common;
using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Tells failures of surroundings, which repeating cures, from failures of the work itself.</summary>
internal static partial class Transient
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

    /// <summary>What the run waits for, in the user's words.</summary>
    public static Problem Describe(Exception e) => e switch
    {
        ProblemException p => p.Problems[0],
        OrleansException o when RoleOf(o) is { } role => new Problem(
            ErrorCodes.ClusterUnreachable,
            $"waiting for a silo with the role {role}: none is in the cluster (`clinicalgpt cluster status`). Start one; the run then goes on by itself."),
        _ => new Problem(ErrorCodes.ClusterUnreachable, $"waiting: {e.Message.Split('\n')[0]}"),
    };

    /// <summary>The runtime names the grain no silo may hold; the grain's class names the role.</summary>
    private static string? RoleOf(OrleansException e) => MissingGrain().Match(e.Message) is { Success: true } match
        ? match.Groups[1].Value switch
        {
            "policy" => "policy",
            "reference" => "reference",
            "rewardmodel" => "reward",
            "rollout" or "evaluation" => "rollout",
            _ => null,
        }
        : null;

    [GeneratedRegex("^No active nodes are compatible with grain (\\w+)")]
    private static partial Regex MissingGrain();
}
