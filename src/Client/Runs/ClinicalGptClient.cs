using System.Security.Cryptography;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Connection;

namespace ClinicalGpt.Orleans.Client.Runs;

/// <summary>Starts runs and finds them again. Every call survives the loss of a silo: it is repeated for up to
/// <see cref="ClinicalGptClientOptions.RetryFor"/> and then raises CGPT4010.</summary>
public sealed class ClinicalGptClient
{
    private const int LongestRunId = 100;
    private readonly IClusterClient _cluster;
    private readonly ClusterCalls _calls;

    /// <summary>Makes a client over a connected cluster client.</summary>
    /// <param name="cluster">The Orleans client.</param>
    /// <param name="options">Timeouts; null: the defaults.</param>
    /// <param name="time">The clock; null: the system's.</param>
    public ClinicalGptClient(IClusterClient cluster, ClinicalGptClientOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        _cluster = cluster;
        _calls = new ClusterCalls(options ?? new ClinicalGptClientOptions(), time ?? TimeProvider.System);
    }

    /// <summary>Starts a run, or returns the one with this id when it has the same recipe.</summary>
    /// <param name="recipe">The recipe, with absolute paths the silos can read.</param>
    /// <param name="runId">1 to 100 letters, digits, <c>-</c>, <c>_</c>, <c>.</c>; null: the recipe's name and six random characters.</param>
    /// <param name="cancellationToken">Stops waiting for the answer; the run may have started.</param>
    /// <returns>A handle. The run goes on whether or not anybody holds it.</returns>
    /// <exception cref="ProblemException">CGPT2004, CGPT2005: the recipe is wrong. CGPT2007: the id is. CGPT4004: the id has
    /// another recipe. CGPT4010: no answer.</exception>
    public async Task<RunHandle> StartRunAsync(
        Recipe recipe, string? runId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var problems = RecipeValidator.Validate(recipe);
        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        var id = runId ?? NewRunId(recipe.Name);
        var handle = GetRun(id);
        var request = new StartRun { RecipeJson = RecipeJson.Write(recipe) };
        await _calls.CallAsync(() => _cluster.GetGrain<IRunGrain>(id).Start(request), cancellationToken);
        return handle;
    }

    /// <summary>A handle for a run; nothing is asked yet, so the run need not exist.</summary>
    /// <param name="runId">The run.</param>
    /// <exception cref="ProblemException">CGPT2007: not a possible id.</exception>
    public RunHandle GetRun(string runId)
    {
        ArgumentNullException.ThrowIfNull(runId);
        return IsRunId(runId)
            ? new RunHandle(runId, _cluster, _calls)
            : throw new ProblemException(
                ErrorCodes.SettingInvalid,
                $"must be 1 to {LongestRunId} letters, digits, `-`, `_` or `.`, beginning with a letter or digit; it is `{runId}`.",
                key: "runId");
    }

    /// <summary>Runs, newest first.</summary>
    /// <param name="limit">Most runs, 1 to 1000.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT4010: no answer.</exception>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(int limit = 50, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        return await _calls.CallAsync(() => _cluster.GetGrain<IRunHistoryGrain>(0).ListRuns(limit), cancellationToken);
    }

    private static bool IsRunId(string id) =>
        id.Length is > 0 and <= LongestRunId
        && char.IsAsciiLetterOrDigit(id[0])
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static string NewRunId(string name)
    {
        var slug = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')]).Trim('-');
        var stem = slug.Length == 0 ? "run" : slug[..Math.Min(slug.Length, 60)].TrimEnd('-');
        return $"{stem}-{RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 6)}";
    }
}
