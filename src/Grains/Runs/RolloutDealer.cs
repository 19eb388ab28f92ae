using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Deals chunks of prompts to the rollout workers that the silos of the moment can hold. A chunk's content does
/// not depend on who takes it, so a worker that dies only gives its chunk back.</summary>
/// <param name="grains">For the workers.</param>
/// <param name="silos">Which silos have the role.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where a lost worker is reported.</param>
public sealed partial class RolloutDealer(IGrainFactory grains, SiloRoles silos, TimeProvider time, ILogger<RolloutDealer> log)
{
    private static readonly TimeSpan WaitForSilo = TimeSpan.FromSeconds(1);

    /// <summary>Has all chunks answered.</summary>
    /// <param name="run">The run.</param>
    /// <param name="requests">The chunks.</param>
    /// <returns>Experience in chunk order.</returns>
    public async Task<Experience[]> DealAsync(RunContext run, IReadOnlyList<RolloutRequest> requests)
    {
        var waiting = new ConcurrentQueue<RolloutRequest>(requests);
        var done = new Experience?[requests.Count];
        while (done.Any(d => d is null))
        {
            run.Cancellation.ThrowIfCancellationRequested();
            var workers = Workers(run, waiting.Count);
            if (workers.Length == 0)
            {
                run.Report("waiting for a silo with role rollout");
                await Task.Delay(WaitForSilo, time, run.Cancellation);
                continue;
            }

            await Task.WhenAll(workers.Select(w => WorkAsync(run, w, waiting, done)));
        }

        return done!;
    }

    private string[] Workers(RunContext run, int chunks)
    {
        var most = run.Recipe.Ppo is { Workers: > 0 } ppo ? ppo.Workers : int.MaxValue;
        return [.. silos.WithRole("rollout").Take(Math.Min(most, chunks))];
    }

    private async Task WorkAsync(RunContext run, string silo, ConcurrentQueue<RolloutRequest> waiting, Experience?[] done)
    {
        var worker = grains.GetGrain<IRolloutGrain>($"{run.RunId}/rollout@{silo}");
        while (waiting.TryDequeue(out var request))
        {
            try
            {
                var experience = await worker.Generate(request, run.Cancellation);
                Check(request, experience);
                done[request.Chunk] = experience;
            }
            catch (Exception e) when (Transient.Is(e))
            {
                waiting.Enqueue(request);
                LogWorkerLost(log, run.RunId, silo, request.Chunk, e.GetType().Name);
                await Task.Delay(WaitForSilo, time, run.Cancellation);
                return;
            }
        }
    }

    /// <summary>A worker that sampled from other weights than it was told is refused.</summary>
    private static void Check(RolloutRequest request, Experience experience)
    {
        if (experience.PolicyHash != request.Policy.IdentityHash || experience.ReferenceHash != request.Reference.IdentityHash)
        {
            throw new ProblemException(
                ErrorCodes.BlobDamaged,
                $"chunk {request.Chunk} was answered by policy {experience.PolicyHash[..12]} and reference {experience.ReferenceHash[..12]}, " +
                $"not by {request.Policy.IdentityHash[..12]} and {request.Reference.IdentityHash[..12]}");
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Run {Run}: rollout worker on {Silo} gave chunk {Chunk} back ({Error})")]
    private static partial void LogWorkerLost(ILogger logger, string run, string silo, int chunk, string error);
}
