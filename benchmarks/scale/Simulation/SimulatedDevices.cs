using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Benchmarks.Scale.Clock;
using ClinicalGpt.Orleans.Grains.Compute;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

/// <summary>What a simulation may change between two runs of one cluster, and what it counts.</summary>
internal sealed class SimulationState
{
    private double _generating;
    private double _reference;
    private double _learning;

    /// <summary>The durations of the present case.</summary>
    public DurationModel Model { get; set; } = new();

    /// <summary>Times as long as others that a silo takes to generate; by silo name.</summary>
    public IReadOnlyDictionary<string, double> Slow { get; set; } = new Dictionary<string, double>();

    /// <summary>Simulated seconds that devices were busy with: generating (all silos), the reference, the policy.</summary>
    public (double Generating, double Reference, double Learning) Busy => (_generating, _reference, _learning);

    /// <summary>Simulated time at the end of each iteration's commit.</summary>
    public ConcurrentQueue<double> Ends { get; } = new();

    public void AddGenerating(double seconds) => Add(ref _generating, seconds);

    public void AddReference(double seconds) => Add(ref _reference, seconds);

    public void AddLearning(double seconds) => Add(ref _learning, seconds);

    private static void Add(ref double sum, double seconds)
    {
        double before;
        do
        {
            before = sum;
        }
        while (Interlocked.CompareExchange(ref sum, before + seconds, before) != before);
    }
}

/// <summary>A device that only takes time: answers of drawn lengths, zeros for numbers.</summary>
/// <param name="clock">Simulated time.</param>
/// <param name="state">Durations.</param>
/// <param name="silo">The silo the device is in.</param>
internal sealed class SimulatedInference(VirtualClock clock, SimulationState state, ILocalSiloDetails silo)
    : IRolloutCompute, IReferenceCompute, IRewardCompute
{
    private const int CharactersPerToken = 4;

    /// <inheritdoc/>
    public async Task<GeneratedChunk> GenerateAsync(RolloutRequest request, CancellationToken cancellationToken)
    {
        var model = state.Model;
        int[] lengths = [.. request.Seeds.Select(model.AnswerTokens)];
        var seconds = model.GenerateSeconds(lengths) * state.Slow.GetValueOrDefault(silo.Name, 1);
        state.AddGenerating(seconds);
        await clock.Delay(seconds);
        var rows = request.Prompts.ToRows().Select((r, i) => (r.Prompt, Tokens(request.Seeds[i], lengths[i]))).ToArray();
        return new GeneratedChunk(
            SequenceBlock.From(rows),
            new float[lengths.Sum()],
            [.. lengths.Select(l => l < model.MaxTokens ? FinishReason.Eos : FinishReason.Length)],
            [.. lengths.Select(l => new string('x', l * CharactersPerToken))]);
    }

    /// <inheritdoc/>
    public async Task<float[]> LogProbsAsync(ScoreRequest request, CancellationToken cancellationToken)
    {
        var seconds = state.Model.ForwardSeconds(request.Sequences.Tokens.Length / sizeof(int));
        state.AddReference(seconds);
        await clock.Delay(seconds);
        return new float[request.Sequences.ResponseTokens];
    }

    /// <inheritdoc/>
    public async Task<float[]> ScoresAsync(ScoreRequest request, CancellationToken cancellationToken)
    {
        await clock.Delay(state.Model.ForwardSeconds(request.Sequences.Tokens.Length / sizeof(int)));
        return new float[request.Sequences.Rows];
    }

    private static int[] Tokens(ulong seed, int count) => [.. Enumerable.Range(0, count).Select(i => (int)(Seeds.Uniform(seed, 2 + i) * 2000))];
}

/// <summary>A policy that takes its time and stores checkpoints of a few bytes.</summary>
/// <param name="clock">Simulated time.</param>
/// <param name="state">Durations.</param>
/// <param name="blobs">Where checkpoints go: a commit refuses blobs that are not there.</param>
internal sealed class SimulatedTraining(VirtualClock clock, SimulationState state, IBlobStore blobs) : ITrainingComputeFactory, ITrainingCompute
{
    /// <inheritdoc/>
    public ITrainingCompute Open(string holder) => this;

    /// <inheritdoc/>
    public Task<TrainBlockResult> TrainAsync(TrainBlockRequest request, CancellationToken cancellationToken) =>
        throw new NotSupportedException("the simulation begins where PPO begins");

    /// <inheritdoc/>
    public async Task<LearnResult> LearnAsync(LearnRequest request, CancellationToken cancellationToken)
    {
        var sequences = request.Experience.Sum(e => e.Sequences.Rows);
        var seconds = state.Model.LearnSeconds(sequences);
        state.AddLearning(seconds);
        await clock.Delay(seconds);
        var learnt = new LearnResult
        {
            Checkpoint = new PpoCheckpoint { Policy = await StoreAsync("policy"), Critic = await StoreAsync("critic") },
            Metrics = new Dictionary<string, double> { [MetricNames.Kl] = 0 },
            SequenceKl = FloatBlock.From(new float[sequences]),
            Rewards = FloatBlock.From(new float[sequences]),
            DeviceSeconds = seconds,
        };

        // The commit that follows takes simulated time too; here, because the store is the real one.
        await clock.Delay(state.Model.Commit);
        state.Ends.Enqueue(clock.Now);
        return learnt;

        async Task<CheckpointReference> StoreAsync(string what)
        {
            var bytes = Encoding.UTF8.GetBytes($"{request.RunId} {request.Iteration} {what}");
            var hash = await blobs.PutAsync(SHA256.HashData(bytes), "application/octet-stream", cancellationToken);
            return new CheckpointReference
            {
                Parameters = new ParameterReference { Hash = hash, IsLora = true },
                OptimizerHash = hash,
                OptimizerStep = request.Iteration + 1,
            };
        }
    }

    /// <inheritdoc/>
    public Task ReleaseAsync() => Task.CompletedTask;
}
