using System.Security.Cryptography;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Formats.Safetensors;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Native;
using ClinicalGpt.Orleans.Learning.Optim;
using ClinicalGpt.Orleans.Learning.Ppo;
using ClinicalGpt.Orleans.Learning.RewardModel;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>What PPO starts from, as bytes.</summary>
internal sealed record DirectStart(
    Recipe Recipe, string RecipeJson, RunProgress Progress, ModelBytes Base, IReadOnlyList<TensorData> Sft,
    IReadOnlyList<TensorData> Reward, IReadOnlyList<ClinicalRecord> Prompts, IReadOnlyList<ClinicalRecord> Development);

/// <summary>PPO as plain calls in a loop on one thread: the same functions, seeds and chunks as the grains use, and so the
/// same bytes in the end.</summary>
internal sealed class DirectPpo : IDisposable
{
    private readonly DirectStart _start;
    private readonly SpanLog _log;
    private readonly LoadedBase _base;
    private readonly ParameterSet _reference;
    private readonly ParameterSet _reward;
    private readonly TrainingState _policy;
    private readonly TrainingState _critic;
    private readonly RolloutPlan _plan;

    public DirectPpo(DirectStart start, SpanLog log)
    {
        (_start, _log) = (start, log);
        TorchRuntime.SetThreads(start.Recipe.Compute.Threads);
        _base = new LoadedBase(BaseModel.FromTensors(start.Base.Config, start.Base.Weights), start.Base.Tokenizer);
        var (sft, reward, constants) = (start.Progress.Sft!.Parameters, start.Progress.Reward!.Parameters, start.Progress.Normalization!);
        _reference = ParameterSet.FromTensors(_base.Model, start.Sft, sft.IsLora, sft.Scale, trainable: false);
        _reward = ParameterSet.FromTensors(_base.Model, start.Reward, reward.IsLora, reward.Scale, trainable: false);
        _policy = TrainingState.Create(
            ParameterSet.FromTensors(_base.Model, start.Sft, sft.IsLora, sft.Scale, trainable: true), Options.Optimizer);
        var critic = ParameterSet.FromTensors(_base.Model, start.Reward, reward.IsLora, reward.Scale, trainable: true);
        critic.FoldNormalization(constants.Mean, constants.Std);
        _critic = TrainingState.Create(critic, Options.CriticOptimizer);
        var run = new RunContext("direct", 0, start.Recipe, start.RecipeJson, (_, _) => Task.CompletedTask, CancellationToken.None);
        _plan = new RolloutPlan(run, start.Progress, start.Prompts, new Vocabulary(_base.Tokenizer, _base.Model.Config));
    }

    private PpoOptions Options => _start.Recipe.Ppo!;

    /// <summary>All iterations.</summary>
    /// <returns>SHA-256 of the final policy, as a checkpoint would have it.</returns>
    public string Run()
    {
        var klCoef = _start.Progress.KlCoef;
        for (var iteration = 0; iteration < Options.Iterations; iteration++)
        {
            var batch = Collect(iteration, klCoef);
            var outcome = Learn(iteration, batch);
            klCoef = AdaptiveKlController.Next(klCoef, Options, outcome.Metrics[MetricNames.Kl], batch.Sequences.Rows);
            if (Options.EvaluateEvery > 0 && ((iteration + 1) % Options.EvaluateEvery == 0 || iteration + 1 == Options.Iterations))
            {
                AnswerDevelopmentSet();
            }

            // Where the actors' commit ends theirs.
            var now = DateTime.UtcNow.Ticks;
            _log.Add(IterationTimes.CommitSpan, now, now);
        }

        return Convert.ToHexStringLower(SHA256.HashData(SafetensorsWriter.Write(_policy.Parameters.ToTensors())));
    }

    public void Dispose()
    {
        _policy.Dispose();
        _critic.Dispose();
        _reference.Dispose();
        _reward.Dispose();
        _base.Model.Dispose();
    }

    private PpoBatch Collect(int iteration, double klCoef)
    {
        var chunks = _plan.Requests(StageNames.Ppo, iteration, Options.RolloutBatchSize, _start.Progress.Sft!.Parameters);
        var parts = new List<(GenerationResult Generated, float[] Reference, float[] Scores)>();
        foreach (var chunk in chunks)
        {
            var generated = _log.Time(
                "direct generate ", () => Sampler.Generate(_base.Model, _policy.Parameters, chunk.Prompts, chunk.Sampling, chunk.Seeds));
            parts.Add((
                generated,
                _log.Time("reference", () => LogProbabilities.OfResponses(_base.Model, _reference, generated.Sequences, Options.Temperature)),
                _log.Time("reward", () => RewardTrainer.Scores(_base.Model, _reward, generated.Sequences))));
        }

        return new PpoBatch(
            SequenceBlock.Concat([.. parts.Select(p => p.Generated.Sequences)]),
            [.. parts.SelectMany(p => p.Generated.LogProbs)],
            [.. parts.SelectMany(p => p.Reference)],
            [.. parts.SelectMany(p => p.Scores)],
            [.. parts.SelectMany(p => p.Generated.FinishReasons)],
            _start.Progress.Normalization!,
            klCoef)
        {
            Chunks = [.. parts.Select(p => p.Generated.Sequences)],
        };
    }

    private PpoOutcome Learn(int iteration, PpoBatch batch)
    {
        var updates = (long)Options.PpoEpochs * (batch.Sequences.Rows / Options.MinibatchSize);
        return _log.Time("direct learn ", () => PpoLearner.Learn(
            _base.Model, _policy, _critic, batch, Options, Seeds.Derive(_start.Recipe.Seed, "ppo/learn", iteration),
            iteration * updates, Options.Iterations * updates));
    }

    /// <summary>The generation of the development check; comparing its answers with the graph is no tensor work.</summary>
    private void AnswerDevelopmentSet()
    {
        var recipe = _start.Recipe;
        var tokens = new RecordTokenizer(_base.Tokenizer, _base.Model.Config, recipe);
        var size = recipe.Evaluate?.BatchSize ?? new EvaluationOptions().BatchSize;
        var sampling = new SamplingSettings { Temperature = Options.Temperature, MaxResponseTokens = Options.MaxResponseTokens };
        var seed = (long)Seeds.Derive(recipe.Seed, "ppo/development");
        foreach (var (batch, number) in _start.Development.Take(Options.EvaluateCases).Chunk(size).Select((b, i) => (b, i)))
        {
            var block = SequenceBlock.From([.. batch.Select(r => (tokens.Prompt(r.Prompt, sampling.MaxResponseTokens), Array.Empty<int>()))]);
            ulong[] seeds = [.. batch.Select((_, i) => Seeds.Derive(seed, "evaluate", 0, (number * size) + i))];
            _log.Time("direct evaluate ", () => Sampler.Generate(_base.Model, _policy.Parameters, block, sampling, seeds));
        }
    }
}
