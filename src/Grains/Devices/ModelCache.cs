using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Tokenizers;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A base model on the device with its tokenizer.</summary>
/// <param name="Model">Weights on the device, shared by every run of the silo.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
public sealed record LoadedBase(BaseModel Model, Tokenizer Tokenizer);

/// <summary>Models on the device: base models by content hash, loaded once and shared by all adapters and runs, and the
/// most recently used frozen parameter sets. Parameter sets are made and disposed on the device thread only.</summary>
/// <param name="source">Where models come from.</param>
/// <param name="executor">The device thread.</param>
/// <param name="memory">The memory plan.</param>
public sealed class ModelCache(ModelSource source, DeviceExecutor executor, MemoryPlan memory)
{
    private const int FrozenSets = 8;
    private readonly ConcurrentDictionary<string, Lazy<Task<LoadedBase>>> _bases = new();

    // Device thread only: most recently used last.
    private readonly List<((string Base, ParameterReference Parameters) Key, ParameterSet Set)> _frozen = [];

    /// <summary>The source models are read from.</summary>
    public ModelSource Source => source;

    /// <summary>The base model, loaded if it is not there.</summary>
    /// <param name="reference">Which.</param>
    public async Task<LoadedBase> GetBaseAsync(BaseModelReference reference)
    {
        // The load is shared by all who ask, so no single caller's token may cancel it.
        var lazy = _bases.GetOrAdd(reference.ContentHash, _ => new Lazy<Task<LoadedBase>>(() => LoadBaseAsync(reference)));
        try
        {
            return await lazy.Value;
        }
        catch
        {
            // A failed load must not stick: the cause (a missing folder, the database away) can be cured.
            _bases.TryRemove(new(reference.ContentHash, lazy));
            throw;
        }
    }

    /// <summary>Runs a job with a model's base and frozen parameters.</summary>
    /// <typeparam name="T">Result: plain data.</typeparam>
    /// <param name="name">What it is.</param>
    /// <param name="model">The model.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="need">What the computation allocates; held in the memory plan while it runs.</param>
    /// <param name="job">The computation.</param>
    /// <param name="cancellationToken">Drops the job while it is queued.</param>
    /// <exception cref="ProblemException">CGPT3008: there is no room for it.</exception>
    public async Task<T> RunAsync<T>(
        string name, ModelReference model, int threads, DeviceNeed need, Func<LoadedBase, ParameterSet?, T> job, CancellationToken cancellationToken)
    {
        var loaded = await GetBaseAsync(model.Base);
        if (model.Parameters is not { } parameters)
        {
            return await executor.RunAsync(name, threads, () => Compute(null), cancellationToken);
        }

        var key = (model.Base.ContentHash, parameters);

        IReadOnlyList<TensorData>? bytes = null;
        while (true)
        {
            var (hit, result) = await executor.RunAsync(
                name,
                threads,
                () => FindFrozen(loaded, key, bytes) is { } set ? (true, Compute(set)) : (false, default(T)),
                cancellationToken);
            if (hit)
            {
                return result!;
            }

            bytes = await source.ReadTensorsAsync(parameters.Hash, cancellationToken);
        }

        T Compute(ParameterSet? set)
        {
            if (need.MergesAdapter && set is { MergedBytes: > 0 })
            {
                // Kept beside the adapter until it makes room for another.
                MakeRoom(() => memory.Reserve(Holder((model.Base.ContentHash, model.Parameters!)), "merged weights", set.MergedBytes), keep: set);
            }

            using var held = Hold(name, need.Workspace(loaded.Model.Config, set?.IsLora == true), set);
            return job(loaded, set);
        }
    }

    /// <summary>Reserves, on the device thread; frozen parameters that nobody uses now make room first.</summary>
    /// <param name="holder">Who.</param>
    /// <param name="kind">What for.</param>
    /// <param name="bytes">How much.</param>
    /// <exception cref="ProblemException">CGPT3008: it does not fit.</exception>
    public void Reserve(string holder, string kind, long bytes) => MakeRoom(() => memory.Reserve(holder, kind, bytes), keep: null);

    /// <summary>Holds what a computation needs, on the device thread; frozen parameters that nobody uses now make room first.</summary>
    /// <param name="holder">Whose computation.</param>
    /// <param name="workspace">What it needs.</param>
    /// <param name="keep">Frozen parameters it computes with, or null.</param>
    /// <returns>Gives it back.</returns>
    /// <exception cref="ProblemException">CGPT3008: it does not fit.</exception>
    public IDisposable Hold(string holder, Workspace workspace, ParameterSet? keep = null)
    {
        IDisposable? held = null;
        MakeRoom(() => held = memory.Hold(holder, workspace), keep);
        return held!;
    }

    private async Task<LoadedBase> LoadBaseAsync(BaseModelReference reference)
    {
        var bytes = await source.ReadBaseAsync(reference, CancellationToken.None);
        var holder = $"base {reference.ContentHash[..12]}";
        var size = bytes.Weights.Values.Sum(w => w.Count * sizeof(float));
        await executor.RunAsync(
            $"reserve {holder}",
            1,
            () =>
            {
                MakeRoom(() => memory.Reserve(holder, "weights", size), keep: null);
                return true;
            },
            CancellationToken.None);
        try
        {
            var model = await executor.RunAsync(
                $"load {holder}", 1, () => BaseModel.FromTensors(bytes.Config, bytes.Weights), CancellationToken.None);
            return new LoadedBase(model, bytes.Tokenizer);
        }
        catch
        {
            memory.Release(holder);
            throw;
        }
    }

    /// <summary>The base is part of the key: a set computes with the weights of the base it was made over.</summary>
    private ParameterSet? FindFrozen(
        LoadedBase loaded, (string Base, ParameterReference Parameters) key, IReadOnlyList<TensorData>? bytes)
    {
        var at = _frozen.FindIndex(f => f.Key == key);
        if (at >= 0)
        {
            var found = _frozen[at];
            _frozen.RemoveAt(at);
            _frozen.Add(found);
            return found.Set;
        }

        return bytes is null ? null : AddFrozen(loaded, key, bytes);
    }

    private ParameterSet AddFrozen(
        LoadedBase loaded, (string Base, ParameterReference Parameters) key, IReadOnlyList<TensorData> bytes)
    {
        MakeRoom(() => memory.Reserve(Holder(key), "adapter", bytes.Sum(b => (long)b.Data.Length)), keep: null);
        var set = ParameterSet.FromTensors(loaded.Model, bytes, key.Parameters.IsLora, key.Parameters.Scale, trainable: false);
        _frozen.Add((key, set));
        while (_frozen.Count > FrozenSets)
        {
            Evict(0);
        }

        return set;
    }

    /// <summary>Reserves; while that is refused, the parameters not used for longest go. They can be had again by hash.</summary>
    private void MakeRoom(Action reserve, ParameterSet? keep)
    {
        while (true)
        {
            try
            {
                reserve();
                return;
            }
            catch (ProblemException e) when (e.Problems[0].Code == ErrorCodes.DeviceMemoryExhausted && _frozen.FindIndex(f => f.Set != keep) is >= 0 and var oldest)
            {
                Evict(oldest);
            }
        }
    }

    private void Evict(int index)
    {
        memory.Release(Holder(_frozen[index].Key));
        _frozen[index].Set.Dispose();
        _frozen.RemoveAt(index);
    }

    private static string Holder((string Base, ParameterReference Parameters) key) =>
        $"parameters {key.Parameters.Hash[..12]} over {key.Base[..12]}";
}
