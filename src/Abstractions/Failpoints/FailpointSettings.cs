using System.Globalization;
using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Failpoints;

/// <summary>What happens at a failpoint.</summary>
public enum FailpointAction
{
    /// <summary>The place never returns; the process lives on until it is killed.</summary>
    Halt,

    /// <summary>The place goes on once a file named like its token and <c>.go</c> exists: for a silo that is frozen there and wakes up later.</summary>
    Wait,

    /// <summary>The process ends as a native library's abort ends it (SIGABRT).</summary>
    Abort,
}

/// <summary>A failpoint to arm: <c>name@detail=action*times</c>, for example <c>device@ppo learn 2=halt</c> or
/// <c>device@sft step=abort*3</c>.</summary>
/// <param name="Name">One of <see cref="FailpointNames"/>.</param>
/// <param name="Detail">It fires where the place's detail contains this; empty: anywhere.</param>
/// <param name="Action">What happens.</param>
/// <param name="Times">How often, all processes that share the token together; 1 or more.</param>
/// <param name="Token">Path. Each firing first creates <c>Token.1</c>, <c>Token.2</c>, ... and happens only where it was
/// the one that did, so that a silo started again, or its neighbour, does not fire the same one.</param>
public sealed partial record FailpointSettings(string Name, string Detail, FailpointAction Action, int Times, string Token)
{
    /// <summary>Environment variable with the failpoint. Nothing else switches one on: no file, no command line.</summary>
    public const string Variable = "CLINICALGPT_FAILPOINT";

    /// <summary>Environment variable with the token's path; a failpoint without it is refused.</summary>
    public const string TokenVariable = "CLINICALGPT_FAILPOINT_TOKEN";

    /// <summary>Appended to a token's name: the file that lets <see cref="FailpointAction.Wait"/> go on.</summary>
    public const string GoOn = ".go";

    /// <summary>Reads the failpoint of a process, with every safeguard: both variables, an existing folder for the token, a
    /// silo that only this machine can reach.</summary>
    /// <param name="read">Reads an environment variable.</param>
    /// <param name="loopbackOnly">Whether the silo listens on this machine's loopback address alone.</param>
    /// <returns>Null: none is set.</returns>
    /// <exception cref="ProblemException">CGPT2007: one is set and not allowed, or cannot be read.</exception>
    public static FailpointSettings? Read(Func<string, string?> read, bool loopbackOnly)
    {
        var (text, token) = (read(Variable), read(TokenVariable));
        if (text is null && token is null)
        {
            return null;
        }

        if (text is null || token is null || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(token))))
        {
            throw Refused(
                $"a failpoint needs {Variable} and, in an existing folder, {TokenVariable}. It makes this silo die on purpose: "
                + "on a cluster that works for somebody, unset both");
        }

        if (!loopbackOnly)
        {
            throw Refused($"{Variable} is set, and this silo can be reached from other machines. Failpoints are for tests on one machine: unset it");
        }

        var match = Pattern().Match(text);
        if (!match.Success || !FailpointNames.All.Contains(match.Groups["name"].Value)
            || !Enum.TryParse<FailpointAction>(match.Groups["action"].Value, ignoreCase: true, out var action))
        {
            throw Refused(
                $"{Variable} is '{text}'; use name@detail=action or name@detail=action*times with one of the names "
                + $"{string.Join(", ", FailpointNames.All)} and one of the actions halt, wait, abort");
        }

        var times = match.Groups["times"] is { Success: true } t ? int.Parse(t.Value, CultureInfo.InvariantCulture) : 1;
        return new FailpointSettings(match.Groups["name"].Value, match.Groups["detail"].Value, action, times, Path.GetFullPath(token));
    }

    private static ProblemException Refused(string message) => new(ErrorCodes.SettingInvalid, message, key: Variable);

    [GeneratedRegex(@"^(?<name>[a-z]+)(@(?<detail>[^=]*))?=(?<action>[a-z]+)(\*(?<times>[1-9][0-9]{0,2}))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
