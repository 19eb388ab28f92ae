using System.Collections.Concurrent;

namespace ClinicalGpt.Orleans.Grains.Draining;

/// <summary>Which silos are being drained, as far as this one has been told, and what this one still holds. A drained
/// silo gets no new work, finishes what it holds, and leaves; nothing is repeated because of it.</summary>
/// <param name="silo">This silo.</param>
public sealed class SiloDrain(ILocalSiloDetails silo)
{
    private readonly ConcurrentDictionary<SiloAddress, bool> _drained = new();
    private readonly ConcurrentDictionary<long, string> _held = new();
    private readonly ConcurrentQueue<string> _moving = new();
    private readonly ConcurrentDictionary<IGrainContext, bool> _workers = new();
    private long _next;

    /// <summary>Whether this silo is being drained.</summary>
    public bool IsDraining => IsDrained(silo.SiloAddress);

    /// <summary>Whether grains that work are still activated here.</summary>
    public bool HasWorkers => !_workers.IsEmpty;

    /// <summary>What this silo still does, for people: runs it carries and calls in progress.</summary>
    public string[] Held => [.. _held.OrderBy(h => h.Key).Select(h => h.Value)];

    /// <summary>Whether a silo is being drained. An address names one life of a silo: started again it works again.</summary>
    /// <param name="address">The silo.</param>
    public bool IsDrained(SiloAddress address) => _drained.ContainsKey(address);

    /// <summary>Notes that a silo is being drained.</summary>
    /// <param name="address">The silo.</param>
    public void Mark(SiloAddress address) => _drained.TryAdd(address, true);

    /// <summary>Notes work that a drain waits for.</summary>
    /// <param name="what">What it is, without patient text.</param>
    /// <returns>Dispose it when the work is done.</returns>
    public IDisposable Hold(string what)
    {
        var id = Interlocked.Increment(ref _next);
        _held[id] = what;
        return new Hand(() => _held.TryRemove(id, out _));
    }

    /// <summary>Notes a grain that works here, until it is deactivated.</summary>
    /// <param name="grain">The grain.</param>
    public void Note(IGrainContext grain)
    {
        if (_workers.TryAdd(grain, true))
        {
            _ = ForgetAsync(grain);
        }
    }

    /// <summary>Ends every grain that works here after the call it is in, so that the next call finds it on another silo.</summary>
    public void EndWorkers() => End(_ => true, "the silo is drained");

    /// <summary>Ends the grains that worked here for a run that is over: what they hold on the device goes with them.</summary>
    /// <param name="runId">The run.</param>
    public void EndWorkersOf(string runId) =>
        End(g => g.GrainId.Key.ToString()!.StartsWith($"{runId}/", StringComparison.Ordinal), "the run is over");

    /// <summary>Notes a run that has stopped here at a commit and is to be taken up elsewhere.</summary>
    /// <param name="runId">The run.</param>
    public void MoveAway(string runId) => _moving.Enqueue(runId);

    /// <summary>The runs noted since the last call.</summary>
    public IEnumerable<string> TakeMoving()
    {
        while (_moving.TryDequeue(out var runId))
        {
            yield return runId;
        }
    }

    private void End(Func<IGrainContext, bool> which, string why)
    {
        foreach (var grain in _workers.Keys.Where(which))
        {
            grain.Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, why));
        }
    }

    private async Task ForgetAsync(IGrainContext grain)
    {
        await Task.WhenAny(grain.Deactivated);
        _workers.TryRemove(grain, out _);
    }

    private sealed class Hand(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
