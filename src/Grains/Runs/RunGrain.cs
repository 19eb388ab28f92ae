using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Draining;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Carries a run out. One background loop per activation, restarted by a reminder, goes on from the last commit;
/// every call returns at once. The commit in the run store is the truth, whatever this activation remembers. While the
/// loop works the reminder keeps the activation from being collected; two minutes after the end it is.</summary>
/// <param name="state">That there is a run; see <see cref="RunState"/>.</param>
/// <param name="store">Runs and commits.</param>
/// <param name="audit">What happened.</param>
/// <param name="stages">The stages.</param>
/// <param name="health">What storage lacks, shown while the run waits for it.</param>
/// <param name="silo">This silo.</param>
/// <param name="silos">The others.</param>
/// <param name="drain">Whether this silo is drained.</param>
/// <param name="time">Clock.</param>
/// <param name="log">Where a person looks first.</param>
[AvoidsDrained, CollectionAgeLimit(Minutes = 2)]
public sealed partial class RunGrain(
    [PersistentState("run", "Default")] IPersistentState<RunState> state,
    IRunStore store, IAuditLog audit, StageMachine stages, IStorageHealth health, ILocalSiloDetails silo, SiloRoles silos, SiloDrain drain,
    TimeProvider time, ILogger<RunGrain> log)
    : Grain, IRunGrain, IRemindable
{
    private const string WatchdogReminder = "run-watchdog";
    private RunLoop? _loop;
    private Task _ensuring = Task.CompletedTask;
    private RunSnapshot? _snapshot;

    private string RunId => this.GetPrimaryKeyString();

    /// <inheritdoc/>
    public async Task<RunSnapshot> Start(StartRun request)
    {
        var recipe = RecipeJson.Read(request.RecipeJson);
        var problems = RecipeValidator.Validate(recipe);
        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        // Before the run exists: if this silo dies right after it does, the reminder starts it. Where there is no run, it ends itself.
        await RegisterWatchdogAsync();
        var hash = RecipeJson.Hash(request.RecipeJson);
        var run = await store.CreateAsync(RunId, recipe.Name, request.RecipeJson, hash, CancellationToken.None);
        await Failpoint.HitAsync(FailpointNames.Created, RunId);
        if (state.State.RecipeHash != hash)
        {
            await WriteStateAsync(new RunState { RecipeHash = hash });
            await audit.AppendAsync(RunId, "run.started", $"recipe {recipe.Name} {hash[..12]}, seed {recipe.Seed}", CancellationToken.None);
        }

        if (!Snapshots.IsTerminal(run.Status) && run.Status != RunStatus.Paused)
        {
            await EnsureLoopAsync();
        }

        return await GetSnapshot();
    }

    /// <inheritdoc/>
    public async Task<RunSnapshot> GetSnapshot() => Snapshots.WithTrouble(_snapshot ?? await LoadSnapshotAsync(), health);

    /// <inheritdoc/>
    public async Task<RunSnapshot> Pause()
    {
        var snapshot = await GetSnapshot();
        Require(snapshot, RunStatus.Pending, RunStatus.Validating, RunStatus.Running, RunStatus.Pausing, RunStatus.Paused, RunStatus.Draining);
        if (snapshot.Status != RunStatus.Paused)
        {
            await EnsureLoopAsync();
            _loop!.RequestPause();
        }

        return _snapshot!;
    }

    /// <inheritdoc/>
    public async Task<RunSnapshot> Resume()
    {
        var snapshot = await GetSnapshot();
        Require(snapshot, RunStatus.Pausing, RunStatus.Paused, RunStatus.Failed, RunStatus.Running, RunStatus.Pending, RunStatus.Validating);
        await WaitForEndingLoopAsync();
        if (_loop is { IsRunning: true })
        {
            _loop.WithdrawPause();
            return _snapshot!;
        }

        await audit.AppendAsync(RunId, "run.resumed", $"from {snapshot.Status}", CancellationToken.None);
        await EnsureLoopAsync(byPerson: true);
        return _snapshot!;
    }

    /// <inheritdoc/>
    public async Task<RunSnapshot> Stop()
    {
        var snapshot = await GetSnapshot();
        if (snapshot.Status == RunStatus.Cancelled)
        {
            return snapshot;
        }

        Require(
            snapshot, RunStatus.Pending, RunStatus.Validating, RunStatus.Running, RunStatus.Pausing, RunStatus.Paused, RunStatus.Draining,
            RunStatus.Failed);
        await EnsureLoopAsync();
        _loop!.RequestStop();
        return _snapshot!;
    }

    /// <inheritdoc/>
    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        var run = await store.FindAsync(RunId, CancellationToken.None);
        if (run is null || Snapshots.IsTerminal(run.Status) || run.Status == RunStatus.Paused)
        {
            await StopWatchdogAsync();
            return;
        }

        await GoOnAsync();
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Reconcile: a run that was going on when its silo died goes on with the first call or reminder that reaches us.
        if (state.State.RecipeHash.Length > 0 && await store.FindAsync(RunId, cancellationToken) is { } run
            && !Snapshots.IsTerminal(run.Status) && run.Status != RunStatus.Paused)
        {
            await GoOnAsync();
        }
    }

    /// <summary>Goes on unasked; not on a drained silo, where only a person's request still starts anything.</summary>
    private Task GoOnAsync()
    {
        if (!drain.IsDraining || _loop is { IsRunning: true })
        {
            return EnsureLoopAsync();
        }

        drain.MoveAway(RunId);
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_loop is { } loop)
        {
            await loop.AbandonAsync();
        }
    }

    private async Task EnsureLoopAsync(bool byPerson = false)
    {
        await WaitForEndingLoopAsync();

        // Calls interleave at every await: whoever comes second waits for the loop of the first.
        while (!_ensuring.IsCompleted)
        {
            await _ensuring;
        }

        if (_loop is not { IsRunning: true })
        {
            _ensuring = StartLoopAsync(byPerson);
            await _ensuring;
        }
    }

    private async Task WaitForEndingLoopAsync()
    {
        if (_loop is { IsRunning: true, IsEnding: true } ending)
        {
            // However it ends: that is in the database, and what matters here is that it is over.
            await Task.WhenAny(ending.Ended);
        }
    }

    private async Task StartLoopAsync(bool byPerson)
    {
        var run = await FindRunAsync();
        var epoch = await store.AcquireEpochAsync(RunId, CancellationToken.None);
        if (byPerson)
        {
            await store.ResetAttemptsAsync(RunId, epoch, CancellationToken.None);
        }

        await RegisterWatchdogAsync();
        _snapshot = await LoadSnapshotAsync(TakenUp(run) with { Epoch = epoch });
        _loop = new RunLoop(run, epoch, store, audit, stages, time, log, Publish, StopWatchdogAsync, silos, drain);
        _loop.Start();
        _ = AfterAsync(_loop);
        LogLoopStarted(log, RunId, epoch, silo.Name);
    }

    private async Task AfterAsync(RunLoop loop)
    {
        using (drain.Hold($"run {RunId}"))
        {
            await Task.WhenAny(loop.Ended);
        }

        if (loop.HandedOver)
        {
            drain.MoveAway(RunId);
            DeactivateOnIdle();
        }
        else if (Snapshots.IsTerminal(_snapshot!.Status))
        {
            await ReleaseDevicesAsync();
        }
    }

    /// <summary>A silo that does not answer keeps the run's grains until they are collected.</summary>
    private Task ReleaseDevicesAsync() => Task.WhenAll(silos.Names.Select(async name =>
    {
        try
        {
            await GrainFactory.GetGrain<IDeviceGrain>($"device@{name}").ReleaseRun(RunId);
        }
        catch (Exception e) when (Transient.Is(e))
        {
            LogNotReleased(log, RunId, name, e.GetType().Name);
        }
    }));

    /// <summary>A run that is taken up again is not ended any more, from this moment: who watches must not take the old end for a new one.</summary>
    private static StoredRun TakenUp(StoredRun run) => run.Status is RunStatus.Failed or RunStatus.Paused
        ? run with { Status = RunStatus.Running, Reason = null }
        : run;

    private void Publish(Func<RunSnapshot, RunSnapshot> change)
    {
        var before = _snapshot!;
        _snapshot = change(before) with { Version = before.Version + 1, UpdatedAt = time.GetUtcNow() };
    }

    /// <summary>With the shortest period allowed: it is the longest that a run whose silo died waits, once the death is noticed.</summary>
    private Task RegisterWatchdogAsync() =>
        this.RegisterOrUpdateReminder(WatchdogReminder, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));

    private async Task StopWatchdogAsync()
    {
        if (await this.GetReminder(WatchdogReminder) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }

    private async Task<StoredRun> FindRunAsync() =>
        await store.FindAsync(RunId, CancellationToken.None)
        ?? throw new ProblemException(ErrorCodes.RunUnknown, $"there is no run {RunId}. `clinicalgpt run list` shows those there are.");

    private async Task<RunSnapshot> LoadSnapshotAsync(StoredRun? known = null)
    {
        var run = known ?? await FindRunAsync();
        return Snapshots.Of(run, await store.GetProgressAsync(RunId, CancellationToken.None), silo.Name, time.GetUtcNow());
    }

    private void Require(RunSnapshot snapshot, params RunStatus[] allowed)
    {
        if (!allowed.Contains(snapshot.Status))
        {
            throw new ProblemException(
                ErrorCodes.RunStateConflict,
                $"run {RunId} is {snapshot.Status}; this is possible while it is {string.Join(", ", allowed)}");
        }
    }

    private async Task WriteStateAsync(RunState next)
    {
        // Copy, write, keep: a failed write must not leave the memory ahead of the database.
        var before = state.State;
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            throw;
        }
    }

    [LoggerMessage(2, LogLevel.Information, "Run {Run} is over; {Silo} was not told ({Error})")]
    private static partial void LogNotReleased(ILogger logger, string run, string silo, string error);

    [LoggerMessage(1, LogLevel.Information, "Run {Run} taken up under epoch {Epoch} on {Silo}")]
    private static partial void LogLoopStarted(ILogger logger, string run, long epoch, string silo);
}
