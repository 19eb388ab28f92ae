using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Generation;

/// <summary>Draws responses: left-padded batch, one KV cache, LoRA merged into the weights, no torch random numbers.</summary>
public static class Sampler
{
    /// <summary>Generates one response per prompt.</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">Trained parameters; null: the base alone.</param>
    /// <param name="prompts">Prompts, each with at least one token and no response.</param>
    /// <param name="settings">Temperature (0: greedy, ties to the lowest id) and longest response.</param>
    /// <param name="seeds">Seed of each row; token t is drawn with <see cref="Seeds.Uniform"/>(seed, t).</param>
    /// <returns>Responses in prompt order; a response ends with EOS or at the longest length.</returns>
    /// <exception cref="ArgumentException">No prompt, an empty prompt, a prompt with a response, or another number of seeds.</exception>
    /// <exception cref="ProblemException"><c>CGPT3009</c>: the model's probabilities are not numbers.</exception>
    public static GenerationResult Generate(
        BaseModel model, ParameterSet? parameters, SequenceBlock prompts, SamplingSettings settings, IReadOnlyList<ulong> seeds)
    {
        Check(prompts, settings, seeds);
        var weights = parameters?.Merged() ?? model.Weights;
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();

        var rows = prompts.ToRows().Select((r, i) => new Row(r.Prompt, seeds[i])).ToList();
        var width = rows.Max(r => r.Prompt.Length);
        var active = rows;
        var (ids, mask) = LeftPad(active, width, settings.MaxResponseTokens, model.Config.PadTokenId);
        var cache = new KeyValueCache(model.Config, active.Count, width + settings.MaxResponseTokens);
        var bias = AttentionBias.Causal(mask.narrow(1, 0, width), model.Slopes);
        var alibi = AttentionBias.LastQuery(mask, model.Slopes); // (B, heads, 1, S); slots still to come count as real

        for (var step = 0; active.Count > 0; step++)
        {
            using var stepScope = torch.NewDisposeScope();
            var hidden = CausalModel.Forward(model, weights, ids, bias, dropout: null, cache);
            cache.Length += ids.size(1);
            Draw(F.linear(hidden.select(1, -1), weights.Embedding), active, settings, step, model.Config.EosTokenId);

            var open = Enumerable.Range(0, active.Count).Where(i => active[i].Reason is null && step + 1 < settings.MaxResponseTokens).ToArray();
            if (open.Length == 0)
            {
                break;
            }

            if (open.Length * 4 <= active.Count * 3)
            {
                var kept = torch.tensor(open.Select(i => (long)i).ToArray());
                cache.Select(kept);
                alibi = alibi.index_select(0, kept);
                stepScope.MoveToOuter([.. cache.Buffers, alibi]);
                active = [.. open.Select(i => active[i])];
            }

            ids = torch.tensor(active.Select(r => (long)r.Response[^1]).ToArray(), [active.Count, 1]);
            bias = alibi.narrow(3, 0, cache.Length + 1);
            stepScope.MoveToOuter(ids, bias);
        }

        return new GenerationResult(
            SequenceBlock.From([.. rows.Select(r => (r.Prompt, r.Response.ToArray()))]),
            [.. rows.SelectMany(r => r.LogProbs)],
            [.. rows.Select(r => r.Reason ?? FinishReason.Length)]);
    }

    /// <summary>Appends one token to every open row. Logits (B, V).</summary>
    private static void Draw(Tensor logits, List<Row> active, SamplingSettings settings, int step, int eos)
    {
        var greedy = settings.Temperature == 0;
        var scaled = greedy || settings.Temperature == 1 ? logits : logits / settings.Temperature;
        var logProbs = F.log_softmax(scaled, -1);
        var choices = greedy ? logits : logProbs.exp();
        var vocabulary = (int)logits.size(1);
        var flatLogProbs = MemoryMarshal.Cast<byte, float>(logProbs.bytes);
        var flatChoices = MemoryMarshal.Cast<byte, float>(choices.bytes);
        for (var i = 0; i < active.Count; i++)
        {
            if (active[i].Reason is not null)
            {
                continue;
            }

            var choice = flatChoices.Slice(i * vocabulary, vocabulary);
            var token = greedy ? LargestIndex(choice) : InverseCdf(choice, Seeds.Uniform(active[i].Seed, step));
            active[i].Add(token, flatLogProbs[i * vocabulary + token], eos);
        }
    }

    private static int LargestIndex(ReadOnlySpan<float> values)
    {
        var best = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
            {
                best = i;
            }
        }

        return float.IsFinite(values[best]) ? best : throw NotNumbers();
    }

    private static int InverseCdf(ReadOnlySpan<float> probabilities, double uniform)
    {
        var (sum, last) = (0.0, -1);
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (!(probabilities[i] > 0))
            {
                continue;
            }

            (sum, last) = (sum + probabilities[i], i);
            if (sum > uniform)
            {
                return i;
            }
        }

        // Rounding may leave the total a little below 1: then the last possible token is the answer.
        return last >= 0 && sum > 0.99 ? last : throw NotNumbers();
    }

    private static (Tensor Ids, Tensor Mask) LeftPad(List<Row> rows, int width, int responseTokens, int pad)
    {
        var length = width + responseTokens;
        var (ids, mask) = (new long[rows.Count * width], new float[rows.Count * length]);
        Array.Fill(ids, pad);
        Array.Fill(mask, 1f);
        for (var i = 0; i < rows.Count; i++)
        {
            var padding = width - rows[i].Prompt.Length;
            mask.AsSpan(i * length, padding).Clear();
            for (var t = 0; t < rows[i].Prompt.Length; t++)
            {
                ids[i * width + padding + t] = rows[i].Prompt[t];
            }
        }

        return (torch.tensor(ids, [rows.Count, width]), torch.tensor(mask, [rows.Count, length]));
    }

    private static void Check(SequenceBlock prompts, SamplingSettings settings, IReadOnlyList<ulong> seeds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Temperature);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.MaxResponseTokens, 1);
        if (prompts.Rows == 0 || prompts.Rows != seeds.Count || prompts.PromptLengths.Any(l => l < 1) || prompts.ResponseTokens != 0)
        {
            throw new ArgumentException(
                $"{prompts.Rows} prompts with {seeds.Count} seeds: at least one prompt, one seed each, no empty prompt and no response are needed",
                nameof(prompts));
        }
    }

    private static ProblemException NotNumbers() => new(
        ErrorCodes.NonFinite,
        "sampling: the model's probabilities are not finite numbers. The weights are damaged or training diverged; go back to an earlier checkpoint or lower the learning rate.");

    private sealed class Row(int[] prompt, ulong seed)
    {
        public int[] Prompt { get; } = prompt;

        public ulong Seed { get; } = seed;

        public List<int> Response { get; } = [];

        public List<float> LogProbs { get; } = [];

        public FinishReason? Reason { get; private set; }

        public void Add(int token, float logProb, int eos)
        {
            Response.Add(token);
            LogProbs.Add(logProb);
            Reason = token == eos ? FinishReason.Eos : null;
        }
    }
}
