using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Deals chunks of prompts to the rollout workers of the silos there are, also to those that join meanwhile. A
/// chunk's content does not depend on who takes it, so a worker that dies only gives its chunk back, and a chunk that
/// takes far longer than the others is dealt twice: the first answer counts.</summary>
/// <param name="grains">For the workers.</param>
/// <param name="silos">Which silos have the role.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where a lost worker is reported.</param>
public sealed partial class RolloutDealer(IGrainFactory grains, SiloRoles silos, TimeProvider time, ILogger<RolloutDealer> log)
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Has all chunks answered.</summary>
    /// <param name="run">The run.</param>
    /// <param name="requests">The chunks.</param>
    /// <returns>Experience in chunk order.</returns>
    /// <exception cref="ProblemException">CGPT4013: a chunk was lost with three silos one after the other.</exception>
    public async Task<Experience[]> DealAsync(RunContext run, IReadOnlyList<RolloutRequest> requests)
    {
        // Ends the second copies that are still computed when the last answer is there.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation);
        var table = new ChunkTable(requests, time);
        try
        {
            await DealAllAsync(run, table, enough.Token);
        }
        finally
        {
            await enough.CancelAsync();
        }

        return table.Answers();
    }

    private async Task DealAllAsync(RunContext run, ChunkTable table, CancellationToken enough)
    {
        var dealt = new Dictionary<string, Task>();
        while (!table.IsComplete)
        {
            run.Cancellation.ThrowIfCancellationRequested();
            foreach (var worker in Idle(run, dealt))
            {
                if (table.Take(silos.IsGone) is { } request)
                {
                    dealt[worker.Name] = WorkAsync(run, worker.Name, worker.Address, request, table, enough);
                }
            }

            if (dealt.Count == 0)
            {
                await run.ReportAsync("waiting for a silo with role rollout", "");
            }

            await WaitAsync(dealt, run.Cancellation);
        }
    }

    private IEnumerable<(string Name, SiloAddress Address)> Idle(RunContext run, Dictionary<string, Task> dealt)
    {
        var most = run.Recipe.Ppo is { Workers: > 0 } ppo ? ppo.Workers : int.MaxValue;
        return silos.WithRole("rollout").Where(w => !dealt.ContainsKey(w.Name)).Take(Math.Max(0, most - dealt.Count));
    }

    /// <summary>Until a worker is done, or for a beat: a silo may have joined.</summary>
    private async Task WaitAsync(Dictionary<string, Task> dealt, CancellationToken cancellationToken)
    {
        using var beat = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny([.. dealt.Values, Task.Delay(Beat, time, beat.Token)]);
        await beat.CancelAsync();
        foreach (var (name, work) in dealt.Where(d => d.Value.IsCompleted).ToArray())
        {
            dealt.Remove(name);
            await work;
        }
    }

    private async Task WorkAsync(
        RunContext run, string silo, SiloAddress address, RolloutRequest request, ChunkTable table, CancellationToken cancellationToken)
    {
        try
        {
            var experience = await grains.GetGrain<IRolloutGrain>($"{run.RunId}/rollout@{silo}").Generate(request, cancellationToken);
            Check(request, experience);
            table.Answer(request, experience);
        }
        catch (Exception e) when (Transient.Is(e))
        {
            table.GiveBack(request, address);
            LogWorkerLost(log, run.RunId, silo, request.Chunk, e.GetType().Name);
            await Task.WhenAny(Task.Delay(Beat, time, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The second copy of a chunk that was answered meanwhile, or the run is abandoned: nobody waits for this one.
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
