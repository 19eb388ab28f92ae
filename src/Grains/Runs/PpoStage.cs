using System.Diagnostics;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Learning.Ppo;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>One PPO iteration as messages (DESIGN 4): prompts issued, chunks generated and scored, experience learnt,
/// metrics, samples and checkpoint committed. The mathematics of the same page is <see cref="PpoLearner"/>.</summary>
/// <param name="grains">For the policy.</param>
/// <param name="store">For the ledger.</param>
/// <param name="data">Imported data sets.</param>
/// <param name="vocabularies">For the prompts' tokens.</param>
/// <param name="dealer">Deals the chunks.</param>
/// <param name="normalization">Measures the score constants before the first iteration.</param>
/// <param name="development">Measures exactness every few iterations.</param>
public sealed class PpoStage(
    IGrainFactory grains, IRunStore store, RunData data, Vocabularies vocabularies, RolloutDealer dealer,
    NormalizationStep normalization, DevelopmentCheck development) : IRunStage
{
    /// <inheritdoc/>
    public string Name => StageNames.Ppo;

    /// <inheritdoc/>
    public Task<int> CountIterationsAsync(RunContext run, RunProgress progress) => Task.FromResult(run.Recipe.Ppo!.Iterations);

    /// <inheritdoc/>
    public async Task<IterationCommit> RunIterationAsync(RunContext run, RunProgress progress)
    {
        var clock = Stopwatch.StartNew();
        var options = run.Recipe.Ppo!;
        var iteration = progress.Iteration;
        progress = progress with { Normalization = progress.Normalization ?? await normalization.MeasureAsync(run, progress) };
        var plan = new RolloutPlan(
            run, progress, await data.ReadAsync(progress.Datasets[DataPlan.Prompts], run.Cancellation), await vocabularies.GetAsync(progress.Base!, run.Cancellation));
        var records = plan.Records(Name, iteration, options.RolloutBatchSize);
        await store.IssueAsync(
            run.RunId, run.Epoch, iteration,
            [.. records.Select((r, i) => new LedgerEntry(i, r.Id, plan.Seed(Name, iteration, i)))], run.Cancellation);

        await run.ReportAsync("generate", $"{records.Length} prompts");
        var policy = progress.Ppo?.Policy.Parameters ?? progress.Sft?.Parameters;
        var experience = await dealer.DealAsync(run, plan.Requests(Name, iteration, options.RolloutBatchSize, policy));
        var generated = clock.Elapsed.TotalSeconds;

        await run.ReportAsync("learn", $"{records.Length} sequences");
        var learnt = await grains.GetGrain<IPolicyGrain>($"{run.RunId}/0").Learn(
            Request(run, progress, experience), run.Cancellation);
        var next = Next(run, progress, learnt, records.Length);
        var metrics = new Dictionary<string, double>(learnt.Metrics) { [MetricNames.KlCoef] = progress.KlCoef };
        next = await development.MeasureAsync(run, next, iteration, metrics);

        return run.Commit(Name, iteration, next, metrics) with
        {
            Samples = Samples(iteration, records, experience, learnt, options),
            Blobs = BlobsOf(learnt.Checkpoint),
            Timings = new Dictionary<string, double>
            {
                ["time/generate"] = generated,
                ["time/generate_device"] = experience.Sum(e => e.DeviceSeconds),
                ["time/learn_device"] = learnt.DeviceSeconds,
                ["time/total"] = clock.Elapsed.TotalSeconds,
            },
        };
    }

    private static LearnRequest Request(RunContext run, RunProgress progress, Experience[] experience) => new()
    {
        RunId = run.RunId,
        Epoch = run.Epoch,
        Iteration = progress.Iteration,
        RecipeJson = run.RecipeJson,
        Base = progress.Base!,
        Start = progress.Ppo,
        Sft = progress.Sft?.Parameters,
        Reward = progress.Reward!.Parameters,
        Normalization = progress.Normalization!,
        KlCoef = progress.KlCoef,
        Experience = experience,
    };

    private static RunProgress Next(RunContext run, RunProgress progress, LearnResult learnt, int sequences) => progress with
    {
        Iteration = progress.Iteration + 1,
        Ppo = learnt.Checkpoint,
        KlCoef = AdaptiveKlController.Next(progress.KlCoef, run.Recipe.Ppo!, learnt.Metrics[MetricNames.Kl], sequences),
    };

    private static string[] BlobsOf(PpoCheckpoint checkpoint) =>
    [
        checkpoint.Policy.Parameters.Hash, checkpoint.Policy.OptimizerHash,
        checkpoint.Critic.Parameters.Hash, checkpoint.Critic.OptimizerHash,
    ];

    private static List<SampleView> Samples(
        int iteration, ClinicalRecord[] records, Experience[] experience, LearnResult learnt, PpoOptions options)
    {
        var kl = learnt.SequenceKl.ToArray();
        var rewards = learnt.Rewards.ToArray();
        var samples = new List<SampleView>(records.Length);
        foreach (var chunk in experience)
        {
            var scores = chunk.Scores.ToArray();
            for (var row = 0; row < chunk.Sequences.Rows; row++)
            {
                var index = samples.Count;
                samples.Add(new SampleView
                {
                    Iteration = iteration,
                    Index = index,
                    RecordId = records[index].Id,
                    Prompt = records[index].Prompt,
                    Response = chunk.Texts[row],
                    ResponseTokens = chunk.Sequences.ResponseLengths[row],
                    Score = scores[row],
                    Reward = rewards[index],
                    Kl = kl[index],
                    FinishReason = chunk.FinishReasons[row],
                    Seed = chunk.Seeds[row],
                    Temperature = options.Temperature,
                    PolicyHash = chunk.PolicyHash,
                    ReferenceHash = chunk.ReferenceHash,
                    RewardHash = chunk.RewardHash,
                });
            }
        }

        return samples;
    }
}
