using System.Diagnostics;
using System.Diagnostics.Metrics;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Clinical.Datasets;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Cases;

/// <summary>Carries a case through: one run for each number of silos, limited by <c>ppo.workers</c>.</summary>
internal sealed class CaseRunner : IDisposable
{
    private const string SentBytes = "orleans-messaging-sent-messages-size";
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(20);
    private readonly MeterListener _meter = new();
    private readonly SimulatedCluster _cluster;
    private readonly Recipe _recipe;
    private readonly TextWriter _messages;
    private long _bytes;

    public CaseRunner(SimulatedCluster cluster, Recipe recipe, TextWriter messages)
    {
        (_cluster, _recipe, _messages) = (cluster, recipe, messages);
        Listen();
    }

    private PpoOptions Ppo => _recipe.Ppo!;

    /// <summary>Runs a case.</summary>
    public async Task<IReadOnlyList<Outcome>> RunAsync(Case question, CancellationToken cancellationToken)
    {
        var outcomes = new List<Outcome>();
        foreach (var silos in question.Silos)
        {
            _cluster.State.Model = question.Model;
            _cluster.State.Slow = new Dictionary<string, double> { [_cluster.Rollouts[0]] = question.Slow };
            var clock = Stopwatch.StartNew();
            var outcome = await RunAsync(silos, question.Model, cancellationToken);
            outcomes.Add(outcome);
            await _messages.WriteLineAsync(FormattableString.Invariant(
                $"{DateTime.UtcNow:HH:mm:ss}  {question.Title}: {silos} rollout silos, {outcome.PerHour:0.0} iterations/h ({Ppo.Iterations} iterations simulated in {clock.Elapsed.TotalSeconds:0.0} s)"));
        }

        return outcomes;
    }

    public void Dispose() => _meter.Dispose();

    private async Task<Outcome> RunAsync(int silos, DurationModel model, CancellationToken cancellationToken)
    {
        var own = _recipe with { Ppo = Ppo with { Workers = silos } };
        var id = $"scale-{Guid.NewGuid():N}"[..20];
        await PrepareAsync(id, own);
        _cluster.State.Ends.Clear();
        var (began, calls, bytes, busy, cpu) = (_cluster.Clock.Now, _cluster.Calls.Calls, Interlocked.Read(ref _bytes), _cluster.State.Busy, Cpu());
        var run = await _cluster.Client.StartRunAsync(own, id, cancellationToken);
        var ending = run.WaitAsync(cancellationToken);
        while (await Task.WhenAny(ending, Task.Delay(ReportEvery, cancellationToken)) != ending)
        {
            var now = await run.DescribeAsync(cancellationToken);
            await _messages.WriteLineAsync(FormattableString.Invariant(
                $"{DateTime.UtcNow:HH:mm:ss}  {silos} rollout silos: {now.Status} {now.Phase} {now.Reason?.Code}, simulated second {_cluster.Clock.Now - began:0}, clock forced {_cluster.Clock.Forced} times, {_cluster.Calls.Describe()}"));
        }

        var end = await ending;
        if (end.Status != RunStatus.Completed)
        {
            throw new ProblemException(end.Reason is { } reason ? [reason] : [new Problem(ErrorCodes.RunStateConflict, $"run {id} ended as {end.Status}")]);
        }

        await CheckAsync(run);
        var (count, after) = (Ppo.Iterations, _cluster.State.Busy);
        var seconds = (_cluster.State.Ends.Last() - began) / count;
        var serial = ((after.Learning - busy.Learning) / count) + model.Commit;
        var before = seconds - serial;
        return new Outcome
        {
            Silos = silos,
            Iterations = count,
            Seconds = seconds,
            IdealSeconds = Enumerable.Range(0, count).Average(i => IdealSchedule.Makespan(ChunkSeconds(i, model), silos)) + serial,
            SerialSeconds = serial,
            Utilisation = (after.Generating - busy.Generating) / count / (silos * before),
            ReferenceBusy = (after.Reference - busy.Reference) / count / before,
            Calls = (double)(_cluster.Calls.Calls - calls) / count,
            Bytes = (double)(Interlocked.Read(ref _bytes) - bytes) / count,
            ProcessorSeconds = (Cpu() - cpu) / count,
        };
    }

    /// <summary>What the ledger and the commits say: no prompt lost, none twice.</summary>
    private static async Task CheckAsync(Client.Runs.RunHandle run)
    {
        await foreach (var line in run.CheckAsync())
        {
            if (!line.Passed && line.Name is "ledger" or "samples" or "commits")
            {
                throw new ProblemException(ErrorCodes.RunStateConflict, $"run {run.RunId}, {line.Name}: {line.Detail}");
            }
        }
    }

    /// <summary>Chunks of an iteration as the plan of a run deals them: the same seeds, so the same lengths.</summary>
    private IEnumerable<double> ChunkSeconds(int iteration, DurationModel model) => Enumerable.Range(0, Ppo.RolloutBatchSize)
        .Select(i => model.AnswerTokens(Abstractions.Determinism.Seeds.Derive(_recipe.Seed, StageNames.Ppo + "/rollout", iteration, i)))
        .Chunk(Ppo.ChunkSize)
        .Select(model.GenerateSeconds);

    private async Task PrepareAsync(string id, Recipe own)
    {
        var (store, blobs) = (_cluster.Service<IRunStore>(), _cluster.Service<IBlobStore>());
        var prompts = DatasetImporter.Import(own.Data.Prompts, ImportKind.Prompts, own.Data).Records;
        var hash = await blobs.PutAsync(DatasetJson.Write(prompts), MediaTypes.JsonLines, CancellationToken.None);
        var json = RecipeJson.Write(own);
        await store.CreateAsync(id, own.Name, json, RecipeJson.Hash(json), CancellationToken.None);
        await store.CommitAsync(
            new IterationCommit
            {
                RunId = id,
                Epoch = await store.AcquireEpochAsync(id, CancellationToken.None),
                Stage = StageNames.Data,
                Iteration = 0,
                Metrics = new Dictionary<string, double>(),
                Blobs = [hash],
                Progress = new RunProgress
                {
                    Stage = StageNames.Ppo,
                    Iteration = 0,
                    Base = ModelSource.Describe(own.Model.Path),
                    Datasets = new Dictionary<string, DatasetReference>
                    {
                        [DataPlan.Prompts] = new() { Name = DataPlan.Prompts, Hash = hash, Records = prompts.Count, Skipped = 0 },
                    },
                    Sft = Checkpoint(hash),
                    Reward = Checkpoint(hash),
                    Normalization = new ScoreNormalization(0, 1),
                    KlCoef = own.Ppo!.KlCoef,
                    Threads = own.Compute.Threads,
                },
            },
            CancellationToken.None);
    }

    private static CheckpointReference Checkpoint(string hash) => new()
    {
        Parameters = new ParameterReference { Hash = hash, IsLora = true },
        OptimizerHash = hash,
        OptimizerStep = 0,
    };

    private static double Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }

    private void Listen()
    {
        _meter.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == SentBytes)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _meter.SetMeasurementEventCallback<int>((_, value, _, _) => Interlocked.Add(ref _bytes, value));
        _meter.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _bytes, value));
        _meter.Start();
    }
}
