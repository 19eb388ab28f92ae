using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Failpoints;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Draining;
using ClinicalGpt.Orleans.Grains.Placement;
using Microsoft.Extensions.Logging;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>The background loop of a run: attempt counted, iteration done, commit, next. Runs on the grain's scheduler,
/// so it never runs beside a turn of its grain. Whatever fails for a reason of surroundings is done again.</summary>
internal sealed partial class RunLoop(
    StoredRun stored, long epoch, IRunStore store, IAuditLog audit, StageMachine stages, TimeProvider time, ILogger log,
    Action<Func<RunSnapshot, RunSnapshot>> publish, Func<Task> stopWatchdog, SiloRoles silos, SiloDrain drain)
{
    private const int MostAttempts = 3;
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _abandon = new();
    private readonly Recipe _recipe = RecipeJson.Read(stored.RecipeJson);
    private Task _running = Task.CompletedTask;
    private (string Stage, int Iteration, int Lost)? _counted;
    private Attempt _attempt = new(1, "");
    private RunProgress? _committed;
    private RunStatus? _written;
    private bool _pause;
    private bool _stop;

    public bool IsRunning => !_running.IsCompleted;

    /// <summary>The loop has decided to end: a request made now would not be heard.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>The loop ended at a commit because its silo is drained: the run is to be taken up elsewhere.</summary>
    public bool HandedOver { get; private set; }

    /// <summary>Completes when the loop has ended.</summary>
    public Task Ended => _running;

    public void Start() => _running = RunAsync();

    public void RequestPause()
    {
        _pause = true;
        publish(s => s with { Status = RunStatus.Pausing });
    }

    public void WithdrawPause()
    {
        _pause = false;
        publish(s => s with { Status = RunStatus.Running });
    }

    public void RequestStop()
    {
        _stop = true;
        _abandon.Cancel();
    }

    /// <summary>The activation ends: the iteration in progress is given up and done again elsewhere.</summary>
    public async Task AbandonAsync()
    {
        await _abandon.CancelAsync();
        await _running;
    }

    private async Task RunAsync()
    {
        // Let the call that started us return first.
        await Task.Yield();
        var delay = FirstRetry;
        while (true)
        {
            try
            {
                if (!await StepAsync())
                {
                    await stopWatchdog();
                    return;
                }

                delay = FirstRetry;
                if (drain.IsDraining)
                {
                    HandOver();
                    return;
                }
            }
            catch (OperationCanceledException) when (_abandon.IsCancellationRequested)
            {
                if (!_stop)
                {
                    return;
                }

                await EndAsync(RunStatus.Cancelled, null);
                await stopWatchdog();
                return;
            }
            catch (Exception e) when (Transient.Is(e))
            {
                LogRetry(log, stored.RunId, e.GetType().Name, e.Message.Split('\n')[0]);
                publish(s => s with { Reason = Transient.Describe(e) });
                if (drain.IsDraining)
                {
                    HandOver();
                    return;
                }

                await Task.WhenAny(Task.Delay(delay, time, _abandon.Token));
                delay = delay * 2 < LongestRetry ? delay * 2 : LongestRetry;
            }
            catch (ProblemException e) when (e.Problems.Any(p => p.Code == ErrorCodes.EpochLost))
            {
                // Another activation carries the run: this one must not write anything any more.
                LogEpochLost(log, stored.RunId, epoch);
                return;
            }
            catch (Exception e)
            {
                await FailAsync(e);
                return;
            }
        }
    }

    /// <summary>One iteration; false when there is nothing left to do.</summary>
    private async Task<bool> StepAsync()
    {
        var progress = await ProgressAsync();
        if (progress.Stage == StageNames.Done)
        {
            await EndAsync(RunStatus.Completed, null, Snapshots.FinalHash(progress));
            return false;
        }

        if (_pause)
        {
            await EndAsync(RunStatus.Paused, null);
            return false;
        }

        var run = new RunContext(
            stored.RunId, epoch, _recipe, stored.RecipeJson, (phase, batch) => ReportAsync(progress, phase, batch), _abandon.Token);
        var stage = stages[progress.Stage];
        var status = progress.Stage == StageNames.Data ? RunStatus.Validating : RunStatus.Running;
        await WriteStatusAsync(status);
        await CountAttemptAsync(progress);
        publish(s => s with
        {
            Status = _pause ? RunStatus.Pausing : status,
            Reason = null,
            Stage = progress.Stage,
            Iteration = progress.Iteration,
            Metrics = s.Stage == progress.Stage ? s.Metrics : [],
        });
        var total = await stage.CountIterationsAsync(run, progress);
        publish(s => s with { TotalIterations = total });

        var began = time.GetTimestamp();
        var commit = await stage.RunIterationAsync(run, progress);
        Publish("commit");
        // The import of the data stage decides how many iterations later stages have; its own count never changes.
        var next = StageMachine.Advance(_recipe, commit.Progress, total);
        await Failpoint.HitAsync(FailpointNames.Stored, commit.Stage, commit.Iteration);
        await store.CommitAsync(commit with { Progress = next }, _abandon.Token);
        await Failpoint.HitAsync(FailpointNames.Committed, commit.Stage, commit.Iteration);
        _committed = next;
        var seconds = time.GetElapsedTime(began).TotalSeconds;
        publish(s => s with
        {
            Iteration = progress.Iteration + 1,
            Metrics = new Dictionary<string, double>(commit.Metrics),
            StageSecondsLeft = Smooth(s.StageSecondsLeft, total - progress.Iteration - 1, seconds),
        });
        return true;
    }

    /// <summary>The last commit: ours, when the step before made one, else what the database says. Whoever took the run
    /// over meanwhile has another epoch, which the attempt and the commit notice.</summary>
    private async Task<RunProgress> ProgressAsync()
    {
        var known = _committed;
        _committed = null;
        return known ?? await store.GetProgressAsync(stored.RunId, _abandon.Token) ?? new RunProgress { Stage = StageNames.Data, Iteration = 0 };
    }

    private async Task WriteStatusAsync(RunStatus status)
    {
        if (_written != status)
        {
            await store.SetStatusAsync(stored.RunId, epoch, status, null, _abandon.Token);
            _written = status;
        }
    }

    /// <summary>Attempts are counted in the database before work begins: an iteration that ends silo after silo must not go
    /// on for ever. Within one activation it counts again only when a silo has died since: waiting for a role or the
    /// database is not another attempt.</summary>
    private async Task CountAttemptAsync(RunProgress progress)
    {
        var now = (progress.Stage, progress.Iteration, silos.Lost);
        if (_counted == now)
        {
            return;
        }

        _attempt = await store.BeginAttemptAsync(stored.RunId, epoch, progress.Stage, progress.Iteration, _abandon.Token);
        var attempts = _attempt.Number;
        if (attempts > 1)
        {
            await audit.AppendAsync(
                stored.RunId, "iteration.repeated", $"{progress.Stage} {progress.Iteration}, attempt {attempts}, epoch {epoch}", _abandon.Token);
        }

        if (attempts > MostAttempts)
        {
            throw new ProblemException(
                ErrorCodes.CrashLoop,
                $"{progress.Stage} iteration {progress.Iteration} was begun {attempts - 1} times and never committed; a silo was lost each time, "
                + $"the last time in {(_attempt.LastDoing.Length > 0 ? _attempt.LastDoing : "an unknown phase")}. Look at the silos' logs, "
                + "put the cause right, then resume the run.");
        }

        _counted = now;
    }

    /// <summary>A repeated attempt leaves in the database what it is about to do: it may be what ends the silo.</summary>
    private async Task ReportAsync(RunProgress progress, string phase, string batch)
    {
        Publish(phase);
        if (_attempt.Number > 1)
        {
            await store.NoteAttemptAsync(
                stored.RunId, epoch, progress.Stage, progress.Iteration, batch.Length > 0 ? $"{phase} ({batch})" : phase, _abandon.Token);
        }
    }

    private void Publish(string phase) => publish(s => s with { Phase = phase, PhaseSince = time.GetUtcNow() });

    private void HandOver()
    {
        HandedOver = IsEnding = true;
        publish(s => s with { Status = RunStatus.Draining, Phase = "moving to another silo", PhaseSince = time.GetUtcNow() });
        LogHandedOver(log, stored.RunId);
    }

    private async Task FailAsync(Exception e)
    {
        var problem = e is ProblemException p
            ? p.Problems[0] with { Message = string.Join(Environment.NewLine, [p.Problems[0].Message, .. p.Problems.Skip(1).Select(x => x.ToString())]) }
            : new Problem(
                ErrorCodes.Unexpected,
                $"{e.GetType().Name}: {e.Message.Split('\n')[0]}. This is a fault of the program; the log of silo {silos.Self} has the particulars. "
                + "What was committed is kept: `run resume` tries the iteration again.");
        LogFailed(log, e is ProblemException ? null : e, stored.RunId, problem.Code);
        await EndAsync(RunStatus.Failed, problem);
        await stopWatchdog();
    }

    private async Task EndAsync(RunStatus status, Problem? reason, string? finalHash = null)
    {
        IsEnding = true;
        await store.SetStatusAsync(stored.RunId, epoch, status, reason, CancellationToken.None);
        await audit.AppendAsync(stored.RunId, $"run.{status.ToString().ToLowerInvariant()}", reason?.Code ?? finalHash ?? "", CancellationToken.None);
        publish(s => s with
        {
            Status = status,
            Reason = reason,
            Stage = status == RunStatus.Completed ? StageNames.Done : s.Stage,
            Phase = "",
            StageSecondsLeft = null,
            FinalHash = finalHash ?? s.FinalHash,
        });
    }

    private static double? Smooth(double? left, int iterations, double seconds) =>
        left is null || iterations == 0 ? iterations * seconds : (0.5 * iterations * seconds) + (0.5 * Math.Max(0, left.Value - seconds));

    [LoggerMessage(10, LogLevel.Warning, "Run {Run}: iteration will be repeated ({Error}: {Message})")]
    private static partial void LogRetry(ILogger logger, string run, string error, string message);

    [LoggerMessage(11, LogLevel.Warning, "Run {Run}: epoch {Epoch} was replaced; this activation stops")]
    private static partial void LogEpochLost(ILogger logger, string run, long epoch);

    [LoggerMessage(13, LogLevel.Information, "Run {Run}: its silo is drained; the run moves to another after its last commit")]
    private static partial void LogHandedOver(ILogger logger, string run);

    [LoggerMessage(12, LogLevel.Error, "Run {Run} failed: {Code}")]
    private static partial void LogFailed(ILogger logger, Exception? exception, string run, string code);
}
