using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>The chunks of one iteration: which wait, which are out and since when, which are answered. Used on one grain's
/// scheduler only.</summary>
/// <param name="requests">The chunks, in order.</param>
/// <param name="time">Clock.</param>
internal sealed class ChunkTable(IReadOnlyList<RolloutRequest> requests, TimeProvider time)
{
    private const int MostLosses = 3;

    /// <summary>A chunk is dealt again when it is out this many times as long as the slowest answered so far took.</summary>
    private const double StragglerFactor = 3;
    private static readonly TimeSpan ShortestStraggle = TimeSpan.FromSeconds(2);

    private readonly Queue<RolloutRequest> _waiting = new(requests);
    private readonly Dictionary<int, long> _out = [];
    private readonly HashSet<int> _dealtTwice = [];
    private readonly Dictionary<int, List<SiloAddress>> _losses = [];
    private readonly Experience?[] _answers = new Experience?[requests.Count];
    private TimeSpan _slowest;

    public bool IsComplete => Array.TrueForAll(_answers, a => a is not null);

    public Experience[] Answers() => _answers!;

    /// <summary>The next chunk for an idle worker: one that waits, else one that is out for far too long; null: none.</summary>
    public RolloutRequest? Take(Func<SiloAddress, bool> isGone)
    {
        while (_waiting.TryDequeue(out var request))
        {
            if (_answers[request.Chunk] is not null)
            {
                continue;
            }

            RefuseCrashLoop(request, isGone);
            _out[request.Chunk] = time.GetTimestamp();
            return request;
        }

        return Straggler();
    }

    public void Answer(RolloutRequest request, Experience experience)
    {
        if (_out.Remove(request.Chunk, out var since) && time.GetElapsedTime(since) is var took && took > _slowest)
        {
            _slowest = took;
        }

        // The second answer to a chunk has the same content as the first; the first counts.
        _answers[request.Chunk] ??= experience;
    }

    /// <summary>The worker has failed; whether its silo is gone shows when the chunk is dealt again.</summary>
    public void GiveBack(RolloutRequest request, SiloAddress worker)
    {
        _out.Remove(request.Chunk);
        _dealtTwice.Remove(request.Chunk);
        if (!_losses.TryGetValue(request.Chunk, out var losses))
        {
            _losses[request.Chunk] = losses = [];
        }

        losses.Add(worker);
        _waiting.Enqueue(request);
    }

    private RolloutRequest? Straggler()
    {
        var limit = TimeSpan.FromTicks(Math.Max(ShortestStraggle.Ticks, (long)(_slowest.Ticks * StragglerFactor)));
        foreach (var (chunk, since) in _out)
        {
            if (_answers[chunk] is null && _slowest > TimeSpan.Zero && time.GetElapsedTime(since) > limit && _dealtTwice.Add(chunk))
            {
                return requests[chunk];
            }
        }

        return null;
    }

    /// <summary>A chunk that ends silo after silo is not dealt to a fourth.</summary>
    private void RefuseCrashLoop(RolloutRequest request, Func<SiloAddress, bool> isGone)
    {
        if (_losses.TryGetValue(request.Chunk, out var losses) && losses.Distinct().Count(isGone) is var gone && gone >= MostLosses)
        {
            throw new ProblemException(
                ErrorCodes.CrashLoop,
                $"iteration {request.Iteration}, phase generate: chunk {request.Chunk} ({request.Prompts.Rows} prompts) was lost with {gone} silos "
                + "one after the other. Look at their logs, put the cause right, then resume the run.");
        }
    }
}
