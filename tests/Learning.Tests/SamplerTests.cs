using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.Ppo;
using TorchSharp;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class SamplerTests : IDisposable
{
    private readonly BaseModel _model = Fixtures.Tiny();
    private readonly ParameterSet _adapter;
    private readonly SequenceBlock _prompts = Fixtures.PromptsOf(Fixtures.Sequences(12, 96));
    private readonly ulong[] _seeds = [.. Enumerable.Range(0, 12).Select(i => (ulong)(1000 + i))];

    public SamplerTests() => _adapter = LoraWithNoise(_model);

    public void Dispose()
    {
        _adapter.Dispose();
        _model.Dispose();
    }

    [Fact]
    public void Generate_Greedy_EqualsArgmaxOfFullForward()
    {
        var result = Sampler.Generate(_model, _adapter, _prompts, new SamplingSettings { Temperature = 0, MaxResponseTokens = 10 }, _seeds);
        foreach (var (prompt, response) in result.Sequences.ToRows())
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            long[] ids = [.. prompt.Concat(response).Select(t => (long)t)];
            var hidden = CausalModel.Hidden(_model, _adapter, torch.tensor(ids, [1, ids.Length]), torch.ones(1, ids.Length), null);
            var best = CausalModel.Logits(_model, _adapter, hidden)[0].argmax(-1).data<long>().ToArray();
            Assert.Equal(response.Select(t => (long)t), best.Skip(prompt.Length - 1).Take(response.Length));
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.7)]
    public void Generate_Sampled_LogProbsEqualRecomputed(double temperature)
    {
        var result = Sampler.Generate(_model, _adapter, _prompts, new SamplingSettings { Temperature = temperature, MaxResponseTokens = 24 }, _seeds);
        var recomputed = LogProbabilities.OfResponses(_model, _adapter, result.Sequences, temperature);
        Fixtures.AssertClose(recomputed, result.LogProbs, 1e-4);
    }

    [Fact]
    public void Generate_SameSeeds_SameBytesAndRowsEndAtEos()
    {
        var settings = new SamplingSettings { MaxResponseTokens = 40 };
        var first = Sampler.Generate(_model, _adapter, _prompts, settings, _seeds);
        var second = Sampler.Generate(_model, _adapter, _prompts, settings, _seeds);
        Assert.Equal(first.Sequences.Tokens, second.Sequences.Tokens);
        Assert.Equal(first.LogProbs, second.LogProbs);

        Assert.Contains(FinishReason.Eos, first.FinishReasons); // so that rows of different length were seen
        foreach (var ((_, response), reason) in first.Sequences.ToRows().Zip(first.FinishReasons))
        {
            Assert.DoesNotContain(_model.Config.EosTokenId, response[..^1]);
            Assert.Equal(reason == FinishReason.Eos, response[^1] == _model.Config.EosTokenId);
            Assert.True(reason == FinishReason.Eos || response.Length == 40);
        }
    }

    [Fact]
    public void Generate_RowsReordered_SameResponsePerRow()
    {
        var settings = new SamplingSettings { MaxResponseTokens = 12 };
        var forward = Sampler.Generate(_model, _adapter, _prompts, settings, _seeds).Sequences.ToRows();
        var reversed = SequenceBlock.From([.. _prompts.ToRows().Reverse()]);
        var backward = Sampler.Generate(_model, _adapter, reversed, settings, [.. _seeds.Reverse()]).Sequences.ToRows();
        Assert.Equal(forward.Select(r => r.Response), backward.Reverse().Select(r => r.Response));
    }

    [Fact]
    public void Generate_OtherSeeds_OtherTokens()
    {
        var settings = new SamplingSettings { MaxResponseTokens = 12 };
        var first = Sampler.Generate(_model, null, _prompts, settings, _seeds);
        var other = Sampler.Generate(_model, null, _prompts, settings, [.. _seeds.Select(s => s + 77)]);
        Assert.NotEqual(first.Sequences.Tokens, other.Sequences.Tokens);
    }

    [Fact]
    public void Generate_ManySeeds_FrequenciesFollowProbabilities()
    {
        const int draws = 4000;
        int[] prompt = [7, 9, 11];
        var prompts = SequenceBlock.From([.. Enumerable.Repeat((prompt, Array.Empty<int>()), draws)]);
        var result = Sampler.Generate(_model, null, prompts, new SamplingSettings { MaxResponseTokens = 1 }, [.. Enumerable.Range(0, draws).Select(i => (ulong)i)]);
        foreach (var group in result.Sequences.ToRows().Select((r, i) => (Token: r.Response[0], LogProb: result.LogProbs[i])).GroupBy(x => x.Token))
        {
            var p = Math.Exp(group.First().LogProb);
            Assert.InRange(group.Count(), draws * p - 5 * Math.Sqrt(draws * p) - 1, draws * p + 5 * Math.Sqrt(draws * p) + 1);
        }
    }

    [Fact]
    public void OfResponses_OtherOrderAndCompany_SameNumbers()
    {
        var block = Fixtures.Sequences(9, 96);
        var together = Split(LogProbabilities.OfResponses(_model, _adapter, block, 1), block.ResponseLengths);
        var rows = block.ToRows();
        for (var row = 0; row < rows.Count; row++)
        {
            Fixtures.AssertClose(together[row], LogProbabilities.OfResponses(_model, _adapter, SequenceBlock.From([rows[row]]), 1), 1e-5);
        }

        var reversed = LogProbabilities.OfResponses(_model, _adapter, SequenceBlock.From([.. rows.Reverse()]), 1);
        Fixtures.AssertClose([.. together.AsEnumerable().Reverse().SelectMany(x => x)], reversed, 1e-5);
    }

    [Fact]
    public void Hidden_OtherPadTokensAndSide_RealPositionsUnchanged()
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var alone = CausalModel.Hidden(_model, _adapter, torch.tensor(new long[] { 5, 6, 7 }, [1, 3]), torch.ones(1, 3), null).data<float>().ToArray();
        foreach (var (pad, left) in new[] { (3L, true), (40L, true), (3L, false), (40L, false) })
        {
            long[] ids = left ? [pad, pad, 5, 6, 7] : [5, 6, 7, pad, pad];
            float[] mask = left ? [0, 0, 1, 1, 1] : [1, 1, 1, 0, 0];
            var hidden = CausalModel.Hidden(_model, _adapter, torch.tensor(ids, [1, 5]), torch.tensor(mask, [1, 5]), null);
            Fixtures.AssertClose(alone, hidden.narrow(1, left ? 2 : 0, 3).contiguous().data<float>().ToArray(), 1e-5);
        }
    }

    internal static ParameterSet LoraWithNoise(BaseModel model)
    {
        var options = new AdapterOptions { Targets = ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"] };
        using var fresh = ParameterSet.CreateLora(model, options, 3);
        var random = new Random(4);
        var noisy = fresh.ToTensors().Select(t => t with
        {
            Data = t.Floats().SelectMany(f => BitConverter.GetBytes(f + (float)(random.NextDouble() - 0.5) * 0.05f)).ToArray(),
        }).ToList();
        return ParameterSet.FromTensors(model, noisy, isLora: true, options.Scale, trainable: true);
    }

    private static float[][] Split(float[] ragged, int[] lengths)
    {
        var at = 0;
        return [.. lengths.Select(l => ragged[at..(at += l)])];
    }
}
