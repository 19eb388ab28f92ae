using System.Globalization;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>Device memory, granted before it is allocated. What does not fit is refused with the table of who holds what.</summary>
/// <param name="capacityBytes">Bytes the plan may grant.</param>
public sealed class MemoryPlan(long capacityBytes)
{
    private readonly Dictionary<(string Holder, string Kind), long> _held = [];
    private readonly Lock _lock = new();

    /// <summary>Bytes the plan may grant.</summary>
    public long CapacityBytes { get; } = capacityBytes;

    /// <summary>Sets what a holder holds of a kind, replacing what it held before; 0 gives it back.</summary>
    /// <param name="holder">Who, for example <c>run-1/policy</c>.</param>
    /// <param name="kind">weights, adapter, merged weights, parameters, optimizer, activations, logits, kv-cache, gradients.</param>
    /// <param name="bytes">How much.</param>
    /// <exception cref="ProblemException">CGPT3008: it does not fit.</exception>
    public void Reserve(string holder, string kind, long bytes)
    {
        lock (_lock)
        {
            var before = _held.GetValueOrDefault((holder, kind));
            var total = _held.Values.Sum() - before + bytes;
            if (total > CapacityBytes)
            {
                throw new ProblemException(
                    ErrorCodes.DeviceMemoryExhausted,
                    $"{holder} asks for {Show(bytes)} of {kind}; {Show(CapacityBytes - (total - bytes))} of {Show(CapacityBytes)} " +
                    $"are free. Lower the batch or sequence length, stop another run, or raise Device:MemoryBytes.{Environment.NewLine}{Table()}");
            }

            if (bytes == 0)
            {
                _held.Remove((holder, kind));
            }
            else
            {
                _held[(holder, kind)] = bytes;
            }
        }
    }

    /// <summary>Holds what a computation needs while it runs: all of it or nothing.</summary>
    /// <param name="holder">Whose computation.</param>
    /// <param name="workspace">What it needs.</param>
    /// <returns>Gives it back.</returns>
    /// <exception cref="ProblemException">CGPT3008: it does not fit.</exception>
    public IDisposable Hold(string holder, Workspace workspace)
    {
        var held = new Held(this, holder);
        try
        {
            Reserve(holder, "activations", workspace.Activations);
            Reserve(holder, "logits", workspace.Logits);
            Reserve(holder, "kv-cache", workspace.KvCache);
            Reserve(holder, "gradients", workspace.Gradients);
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Gives back everything a holder holds.</summary>
    /// <param name="holder">Who.</param>
    public void Release(string holder)
    {
        lock (_lock)
        {
            foreach (var key in _held.Keys.Where(k => k.Holder == holder).ToArray())
            {
                _held.Remove(key);
            }
        }
    }

    /// <summary>Who holds what, largest first.</summary>
    public MemoryReservation[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _held.Select(h => new MemoryReservation(h.Key.Holder, h.Key.Kind, h.Value)).OrderByDescending(r => r.Bytes)];
        }
    }

    private static string Show(long bytes) => (bytes / 1048576.0).ToString("N1", CultureInfo.InvariantCulture) + " MiB";

    private string Table()
    {
        var text = new StringBuilder("holder | kind | held");
        foreach (var ((holder, kind), bytes) in _held.OrderByDescending(h => h.Value))
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture, $"{holder} | {kind} | {Show(bytes)}");
        }

        return text.ToString();
    }

    private sealed class Held(MemoryPlan plan, string holder) : IDisposable
    {
        public void Dispose()
        {
            foreach (var kind in (string[])["activations", "logits", "kv-cache", "gradients"])
            {
                plan.Reserve(holder, kind, 0);
            }
        }
    }
}
