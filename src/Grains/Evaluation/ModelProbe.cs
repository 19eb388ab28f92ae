using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Ppo;
using ClinicalGpt.Orleans.Learning.RewardModel;
using ClinicalGpt.Orleans.Learning.Sft;

namespace ClinicalGpt.Orleans.Grains.Evaluation;

/// <summary>An answer the model wrote.</summary>
/// <param name="Text">The text, special tokens left out.</param>
/// <param name="Ended">Whether it ends in EOS.</param>
/// <param name="Tokens">Response tokens, EOS included.</param>
/// <param name="Kl">KL to the reference over the answer, nats; NaN where no reference was given.</param>
/// <param name="Score">Normalised reward-model score; NaN where none was given.</param>
internal sealed record Answer(string Text, bool Ended, int Tokens, double Kl, double Score);

/// <summary>Asks the device, batch after batch of fixed size, so that figures depend on the set and the recipe only.</summary>
internal sealed class ModelProbe(
    DeviceHost device, EvaluationRequest request, Recipe recipe, LoadedBase loaded, CancellationToken cancellationToken)
{
    public RecordTokenizer Tokens { get; } = new(loaded.Tokenizer, loaded.Model.Config, recipe);

    public EvaluationRequest Request => request;

    public Recipe Recipe => recipe;

    /// <summary>Answers prompts, in order.</summary>
    public async Task<IReadOnlyList<Answer>> AnswerAsync(IReadOnlyList<string> prompts)
    {
        var answers = new List<Answer>(prompts.Count);
        foreach (var (batch, first) in Batches(prompts))
        {
            var block = SequenceBlock.From([.. batch.Select(p => (Tokens.Prompt(p, request.Sampling.MaxResponseTokens), Array.Empty<int>()))]);
            ulong[] seeds = [.. batch.Select((_, i) => Seeds.Derive((long)request.Seed, "evaluate", 0, first + i))];
            var generated = await RunAsync(
                request.Model, DeviceNeed.Generating(block, request.Sampling.MaxResponseTokens), (model, set) => Sampler.Generate(model, set, block, request.Sampling, seeds));
            answers.AddRange(await DescribeAsync(generated));
        }

        return answers;
    }

    /// <summary>Mean loss per token of each row's response, nats.</summary>
    public async Task<float[]> LossesAsync(IReadOnlyList<(int[] Prompt, int[] Response)> rows)
    {
        var losses = new List<float>(rows.Count);
        foreach (var (batch, _) in Batches(rows))
        {
            var block = SequenceBlock.From(batch);
            losses.AddRange(await RunAsync(request.Model, DeviceNeed.LogProbs(block), (model, set) => SftTrainer.Losses(model, set, block)));
        }

        return [.. losses];
    }

    /// <summary>Raw reward-model score of each row.</summary>
    public async Task<float[]> ScoresAsync(IReadOnlyList<(int[] Prompt, int[] Response)> rows)
    {
        var scores = new List<float>(rows.Count);
        foreach (var (batch, _) in Batches(rows))
        {
            var block = SequenceBlock.From(batch);
            scores.AddRange(await RunAsync(request.Model, DeviceNeed.Scores(block), (model, set) => RewardTrainer.Scores(model, set!, block)));
        }

        return [.. scores];
    }

    private async Task<IEnumerable<Answer>> DescribeAsync(GenerationResult generated)
    {
        var temperature = request.Sampling.Temperature > 0 ? request.Sampling.Temperature : 1.0;
        var kl = request.Reference is { } reference
            ? SumRows(generated.Sequences, await Difference(reference, temperature))
            : [.. Enumerable.Repeat(double.NaN, generated.Sequences.Rows)];
        double[] scores = request.Reward is { } reward && request.Normalization is { } n
            ? [.. (await RunAsync(reward, DeviceNeed.Scores(generated.Sequences), (model, set) => RewardTrainer.Scores(model, set!, generated.Sequences))).Select(s => (s - n.Mean) / n.Std)]
            : [.. Enumerable.Repeat(double.NaN, generated.Sequences.Rows)];
        return generated.Sequences.ToRows().Select((row, i) => new Answer(
            loaded.Tokenizer.Decode(row.Response, skipSpecialTokens: true),
            generated.FinishReasons[i] == FinishReason.Eos, row.Response.Length, kl[i], scores[i]));

        async Task<double[]> Difference(ModelReference against, double t)
        {
            var own = await RunAsync(request.Model, DeviceNeed.LogProbs(generated.Sequences), (model, set) => LogProbabilities.OfResponses(model, set, generated.Sequences, t));
            var other = await RunAsync(against, DeviceNeed.LogProbs(generated.Sequences), (model, set) => LogProbabilities.OfResponses(model, set, generated.Sequences, t));
            return [.. own.Select((p, i) => (double)p - other[i])];
        }
    }

    private static double[] SumRows(SequenceBlock block, double[] ragged)
    {
        var sums = new double[block.Rows];
        var at = 0;
        for (var row = 0; row < sums.Length; row++)
        {
            sums[row] = ragged.AsSpan(at, block.ResponseLengths[row]).ToArray().Sum();
            at += block.ResponseLengths[row];
        }

        return sums;
    }

    private Task<T> RunAsync<T>(ModelReference model, DeviceNeed need, Func<BaseModel, ParameterSet?, T> job) => device.Models.RunAsync(
        $"{request.RunId} evaluate {request.Name}", model, recipe.Compute.Threads, need, (b, set) => job(b.Model, set), cancellationToken);

    private IEnumerable<(T[] Batch, int First)> Batches<T>(IReadOnlyList<T> items)
    {
        var size = recipe.Evaluate?.BatchSize ?? new EvaluationOptions().BatchSize;
        return items.Chunk(size).Select((batch, i) => (batch, i * size));
    }
}
