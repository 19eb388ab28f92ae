using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;
using F = TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Log-probabilities of response tokens by the training forward pass (LoRA beside the weights), without gradients.</summary>
public static class LogProbabilities
{
    /// <summary>log p(token t | everything before t).</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">Trained parameters; null: the base alone.</param>
    /// <param name="sequences">Prompts (at least one token each) and responses.</param>
    /// <param name="temperature">What logits are divided by, above 0.</param>
    /// <returns>Nats, one per response token, row after row.</returns>
    public static float[] OfResponses(BaseModel model, ParameterSet? parameters, SequenceBlock sequences, double temperature) =>
        Compute(model, parameters, sequences, temperature, entropy: false).LogProbs;

    /// <summary>Log-probabilities, and the entropy of the distribution each token was drawn from.</summary>
    /// <inheritdoc cref="OfResponses"/>
    public static (float[] LogProbs, float[] Entropies) WithEntropy(
        BaseModel model, ParameterSet? parameters, SequenceBlock sequences, double temperature) =>
        Compute(model, parameters, sequences, temperature, entropy: true);

    /// <summary>The same for several blocks, each computed by itself.</summary>
    internal static (float[] LogProbs, float[] Entropies) WithEntropy(
        BaseModel model, ParameterSet? parameters, IReadOnlyList<SequenceBlock> blocks, double temperature)
    {
        var parts = blocks.Select(b => WithEntropy(model, parameters, b, temperature)).ToArray();
        return ([.. parts.SelectMany(p => p.LogProbs)], [.. parts.SelectMany(p => p.Entropies)]);
    }

    /// <summary>Log-probabilities with gradient, (B, T), 0 where there is no token.</summary>
    internal static Tensor Grid(BaseModel model, ParameterSet? parameters, PaddedBatch batch, double temperature)
    {
        var negative = F.cross_entropy(Logits(model, parameters, batch, temperature), batch.Targets, reduction: torch.nn.Reduction.None); // (N)
        return batch.ToGrid(negative.neg());
    }

    private static (float[] LogProbs, float[] Entropies) Compute(
        BaseModel model, ParameterSet? parameters, SequenceBlock sequences, double temperature, bool entropy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var (logProbs, entropies) = (new List<float>(sequences.ResponseTokens), new List<float>());
        foreach (var rows in RowChunks.Of(sequences, model.Config.VocabularySize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            var batch = PaddedBatch.ForTokens(rows, model.Config.PadTokenId);
            var all = F.log_softmax(Logits(model, parameters, batch, temperature), -1); // (N, V)
            logProbs.AddRange(all.gather(1, batch.Targets.unsqueeze(1)).squeeze(1).ToFloats());
            if (entropy)
            {
                entropies.AddRange((all.exp() * all).sum([1L]).neg().ToFloats());
            }
        }

        return ([.. logProbs], [.. entropies]);
    }

    /// <summary>Logits at the states before response tokens only, (N, V).</summary>
    private static Tensor Logits(BaseModel model, ParameterSet? parameters, PaddedBatch batch, double temperature)
    {
        var logits = CausalModel.Logits(model, parameters, batch.Hidden(model, parameters, batch.States, dropout: null));
        return temperature == 1 ? logits : logits / (float)temperature;
    }
}
