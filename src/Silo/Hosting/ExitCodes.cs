using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Exit codes of the programs; part of their interface, see docs/reference/cli.md.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The run failed, or the program could not do its work.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, recipe, data or setting.</summary>
    public const int Usage = 2;

    /// <summary>The cluster or the database cannot be reached or started.</summary>
    public const int Unreachable = 3;

    /// <summary>No such run, or its state does not allow what was asked.</summary>
    public const int Conflict = 4;

    /// <summary>Interrupted; what runs in the cluster goes on.</summary>
    public const int Interrupted = 130;

    /// <summary>The exit code for a problem.</summary>
    /// <param name="code">A code from <see cref="ErrorCodes"/>.</param>
    public static int For(string code) => code switch
    {
        ErrorCodes.DatabaseUnreachable or ErrorCodes.DatabaseUnwritable or ErrorCodes.DatabaseNotInstalled or ErrorCodes.SchemaTooNew or ErrorCodes.SchemaMissing
            or ErrorCodes.PortInUse or ErrorCodes.ClusterUnreachable => Unreachable,
        ErrorCodes.RunIdTaken or ErrorCodes.RunUnknown or ErrorCodes.RunStateConflict => Conflict,
        _ when code.StartsWith("CGPT1", StringComparison.Ordinal) || code.StartsWith("CGPT2", StringComparison.Ordinal) => Usage,
        _ => Failed,
    };

    /// <summary>The exit code for several problems: that of the first.</summary>
    /// <param name="exception">The problems.</param>
    public static int For(ProblemException exception) => For(exception.Problems[0].Code);
}
