using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Data;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Which prompts an iteration takes, with which seeds, cut into which chunks: a function of recipe and data only.</summary>
/// <param name="run">The run.</param>
/// <param name="progress">Where it stands.</param>
/// <param name="prompts">Prompt records.</param>
/// <param name="vocabulary">The base model's.</param>
public sealed class RolloutPlan(RunContext run, RunProgress progress, IReadOnlyList<ClinicalRecord> prompts, Vocabulary vocabulary)
{
    private readonly RecordTokenizer _tokens = new(vocabulary.Tokenizer, vocabulary.Config, run.Recipe);

    private PpoOptions Options => run.Recipe.Ppo ?? new PpoOptions();

    /// <summary>The records of an iteration's samples, each prompt repeated for its samples.</summary>
    /// <param name="purpose">What for; part of the seed.</param>
    /// <param name="iteration">The iteration.</param>
    /// <param name="count">Prompts.</param>
    public ClinicalRecord[] Records(string purpose, int iteration, int count)
    {
        var samples = purpose == StageNames.Ppo ? Options.SamplesPerPrompt : 1;
        return [.. BatchSchedule
            .Take(run.Recipe.Seed, purpose, (long)iteration * count, count, prompts.Count)
            .SelectMany(i => Enumerable.Repeat(prompts[i], samples))];
    }

    /// <summary>Seed of a sample's draws.</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="iteration">The iteration.</param>
    /// <param name="index">Sample within the iteration.</param>
    public ulong Seed(string purpose, int iteration, int index) => Seeds.Derive(run.Recipe.Seed, purpose + "/rollout", iteration, index);

    /// <summary>The chunks of an iteration.</summary>
    /// <param name="purpose">What for; part of the seed.</param>
    /// <param name="iteration">The iteration.</param>
    /// <param name="count">Prompts.</param>
    /// <param name="policy">Parameters that answer; null: the base.</param>
    public RolloutRequest[] Requests(string purpose, int iteration, int count, ParameterReference? policy)
    {
        var records = Records(purpose, iteration, count);
        return [.. records
            .Select((record, index) => (record, index))
            .Chunk(Options.ChunkSize)
            .Select((chunk, number) => new RolloutRequest
            {
                RunId = run.RunId,
                Epoch = run.Epoch,
                Iteration = iteration,
                Chunk = number,
                Policy = RunContext.Model(progress, policy),
                Reference = RunContext.Model(progress, progress.Sft?.Parameters),
                Reward = RunContext.Model(progress, progress.Reward!.Parameters),
                Sampling = new SamplingSettings { Temperature = Options.Temperature, MaxResponseTokens = Options.MaxResponseTokens },
                Prompts = SequenceBlock.From([.. chunk.Select(c => (_tokens.Prompt(c.record.Prompt, Options.MaxResponseTokens), Array.Empty<int>()))]),
                Seeds = [.. chunk.Select(c => Seed(purpose, iteration, c.index))],
                Threads = run.Recipe.Compute.Threads,
            })];
    }
}
