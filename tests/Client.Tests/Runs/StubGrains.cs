using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using Orleans.Concurrency;

namespace ClinicalGpt.Orleans.Client.Tests.Runs;

/// <summary>What the stub grains do, by run id; the cluster runs in the test's process.</summary>
internal static class Script
{
    /// <summary>Snapshots to answer with, the last one for ever.</summary>
    public static ConcurrentDictionary<string, ConcurrentQueue<RunSnapshot>> Snapshots { get; } = new();

    /// <summary>Errors to raise instead of the next answers.</summary>
    public static ConcurrentDictionary<string, ConcurrentQueue<Exception>> Errors { get; } = new();

    /// <summary>Recipes the runs were started with.</summary>
    public static ConcurrentDictionary<string, string> Recipes { get; } = new();

    /// <summary>Files of an export; an export is broken off before a null.</summary>
    public static ConcurrentDictionary<string, ConcurrentQueue<FileChunk?[]>> Exports { get; } = new();

    public static void ThrowIfToldTo(string runId)
    {
        if (Errors.TryGetValue(runId, out var queue) && queue.TryDequeue(out var error))
        {
            throw error;
        }
    }
}

/// <summary>Answers from the script.</summary>
public sealed class StubRunGrain : Grain, IRunGrain
{
    private string Id => this.GetPrimaryKeyString();

    public Task<RunSnapshot> Start(StartRun request)
    {
        Script.ThrowIfToldTo(Id);
        var stored = Script.Recipes.GetOrAdd(Id, request.RecipeJson);
        return stored == request.RecipeJson
            ? Task.FromResult(Snapshot(RunStatus.Pending))
            : throw new ProblemException(ErrorCodes.RunIdTaken, "exists with another recipe", key: "runId");
    }

    public Task<RunSnapshot> GetSnapshot()
    {
        Script.ThrowIfToldTo(Id);
        return !Script.Snapshots.TryGetValue(Id, out var queue)
            ? throw new ProblemException(ErrorCodes.RunUnknown, "no such run", key: Id)
            : Task.FromResult(queue.Count > 1 && queue.TryDequeue(out var next) ? next : queue.First());
    }

    public Task<RunSnapshot> Pause() => Task.FromResult(Snapshot(RunStatus.Pausing));

    public Task<RunSnapshot> Resume() => Task.FromResult(Snapshot(RunStatus.Running));

    public Task<RunSnapshot> Stop() => Task.FromResult(Snapshot(RunStatus.Cancelled));

    private RunSnapshot Snapshot(RunStatus status) => new() { RunId = Id, Status = status };
}

/// <summary>Answers with what was asked for, so that tests see the arguments arrive.</summary>
[StatelessWorker]
public sealed class StubHistoryGrain : Grain, IRunHistoryGrain
{
    public Task<RunSummary[]> ListRuns(int limit) => Task.FromResult<RunSummary[]>(
        [new() { RunId = $"limit-{limit}", Name = "", Status = RunStatus.Running, Stage = "ppo", Iteration = 1, CreatedAt = default, UpdatedAt = default }]);

    public Task<IterationView[]> GetIterations(string runId, string? stage, int fromIteration) => Task.FromResult<IterationView[]>(
        [new() { Stage = $"{runId}/{stage}", Iteration = fromIteration, Metrics = new() { ["objective/kl"] = 1.5 }, Timings = [], CommittedAt = default }]);

    public Task<SampleView[]> GetSamples(string runId, SampleQuery query) => Task.FromResult<SampleView[]>(
        [
            new()
            {
                Iteration = query.FromIteration, Index = query.Limit, RecordId = runId, Prompt = "q", Response = "a", ResponseTokens = 1,
                Score = 0, Reward = 0, Kl = 0, FinishReason = FinishReason.Eos, Seed = 1, Temperature = 1, PolicyHash = "p",
                ReferenceHash = "r", RewardHash = "w",
            },
        ]);

    public Task<EvaluationResult[]> GetEvaluations(string runId) => Task.FromResult<EvaluationResult[]>(
        [new() { Name = runId, Cases = 1, Values = new() { ["exact"] = 0.5 }, CaseValues = FloatBlock.From([1f]) }]);

    public Task<RunEvent[]> GetEvents(string runId) => Task.FromResult<RunEvent[]>([new(default, "run.started", runId)]);

    public Task<string> GetRecipe(string runId) => Task.FromResult(
        Script.Recipes.TryGetValue(runId, out var json) ? json : throw new ProblemException(ErrorCodes.RunUnknown, "no such run"));
}

/// <summary>Streams the script's chunks.</summary>
public sealed class StubExportGrain : Grain, IExportGrain
{
    public async IAsyncEnumerable<FileChunk> Export(
        ExportRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Script.Exports[this.GetPrimaryKeyString()].TryDequeue(out var chunks);
        foreach (var chunk in chunks!)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return chunk ?? throw new global::Orleans.Runtime.SiloUnavailableException("the silo has gone");
        }
    }
}

internal static class TestRecipe
{
    public static Recipe Make(int epochs = 1) => new()
    {
        Name = "My Recipe!",
        Model = new ModelOptions { Path = "/models/m" },
        Data = new DataOptions { Sft = ["/data/sft.jsonl"] },
        Sft = new SftOptions { Epochs = epochs },
    };
}
