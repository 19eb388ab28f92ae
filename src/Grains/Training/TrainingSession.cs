using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Optim;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Parameters and optimizer on the device, and the checkpoint they are equal to. A session is only a cache of a
/// checkpoint: whatever is not at the checkpoint a request names is thrown away and loaded anew, so a request that is
/// repeated, on this silo or another, gives the same bytes.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="holder">Name in the memory plan.</param>
public sealed class TrainingSession(DeviceHost device, string holder)
{
    private TrainingState? _state;
    private CheckpointReference? _at;

    /// <summary>Makes the session equal to a checkpoint.</summary>
    /// <param name="loaded">Base model.</param>
    /// <param name="start">The checkpoint; null: <paramref name="create"/> makes fresh parameters.</param>
    /// <param name="create">Fresh parameters, called on the device thread.</param>
    /// <param name="optimizer">AdamW's options.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task PrepareAsync(
        LoadedBase loaded, CheckpointReference? start, Func<ParameterSet> create, OptimizerOptions optimizer,
        CancellationToken cancellationToken)
    {
        if (_state is not null && start is not null && start == _at)
        {
            return;
        }

        if (start is null)
        {
            await ReplaceAsync(() => TrainingState.Create(create(), optimizer), cancellationToken);
            return;
        }

        var parameters = await device.Models.Source.ReadTensorsAsync(start.Parameters.Hash, cancellationToken);
        var moments = await device.Models.Source.ReadTensorsAsync(start.OptimizerHash, cancellationToken);
        await ReplaceAsync(
            () => TrainingState.FromTensors(
                loaded.Model, parameters, start.Parameters.IsLora, start.Parameters.Scale, moments, optimizer),
            cancellationToken);
        _at = start;
    }

    /// <summary>Runs a job that may change the parameters; until <see cref="StoreAsync"/> the session is at no checkpoint.</summary>
    /// <typeparam name="T">Result: plain data.</typeparam>
    /// <param name="name">What it is.</param>
    /// <param name="threads">Compute threads.</param>
    /// <param name="job">The computation.</param>
    /// <param name="cancellationToken">Drops the job while it is queued.</param>
    public Task<T> RunAsync<T>(string name, int threads, Func<TrainingState, T> job, CancellationToken cancellationToken)
    {
        _at = null;
        return device.Executor.RunAsync(
            name, threads, () => job(_state ?? throw new InvalidOperationException("the session was not prepared")), cancellationToken);
    }

    /// <summary>The state on the device; for jobs that need two sessions at once.</summary>
    public TrainingState State => _state ?? throw new InvalidOperationException("the session was not prepared");

    /// <summary>Says that a job outside <see cref="RunAsync"/> is going to change the parameters.</summary>
    public void MarkChanged() => _at = null;

    /// <summary>Stores parameters and optimizer by content.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<CheckpointReference> StoreAsync(CancellationToken cancellationToken)
    {
        var (parameters, moments, isLora, scale, step) = await device.Executor.RunAsync(
            $"snapshot {holder}",
            1,
            () => (State.Parameters.ToTensors(), State.Optimizer.ToTensors(), State.Parameters.IsLora, State.Parameters.Scale,
                State.Optimizer.StepCount),
            cancellationToken);
        // Two blobs at a time: each waits for the database's disk.
        var hashes = await Task.WhenAll(
            device.Models.Source.StoreTensorsAsync(parameters, cancellationToken),
            device.Models.Source.StoreTensorsAsync(moments, cancellationToken));
        _at = new CheckpointReference
        {
            Parameters = new ParameterReference { Hash = hashes[0], IsLora = isLora, Scale = scale },
            OptimizerHash = hashes[1],
            OptimizerStep = step,
        };
        return _at;
    }

    /// <summary>Frees the device.</summary>
    public Task ReleaseAsync() => ReplaceAsync(null, CancellationToken.None);

    private async Task ReplaceAsync(Func<TrainingState>? make, CancellationToken cancellationToken)
    {
        _at = null;
        await device.Executor.RunAsync(
            $"load {holder}",
            1,
            () =>
            {
                _state?.Dispose();
                _state = null;
                device.Memory.Release(holder);
                if (make is not null)
                {
                    Keep(make());
                }

                return true;
            },
            cancellationToken);
    }

    private void Keep(TrainingState made)
    {
        try
        {
            device.Models.Reserve(holder, "parameters", made.Parameters.Bytes);
            device.Models.Reserve(holder, "optimizer", 2 * made.Parameters.Bytes);
            _state = made;
        }
        catch
        {
            device.Memory.Release(holder);
            made.Dispose();
            throw;
        }
    }
}
