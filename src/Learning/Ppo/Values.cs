using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>The critic's value of the state before each response token.</summary>
public static class Values
{
    /// <summary>Values without gradients.</summary>
    /// <param name="model">The base.</param>
    /// <param name="critic">Parameters with a head.</param>
    /// <param name="sequences">Prompts (at least one token each) and responses.</param>
    /// <returns>Reward units, one per response token, row after row.</returns>
    public static float[] OfResponses(BaseModel model, ParameterSet critic, SequenceBlock sequences)
    {
        var values = new List<float>(sequences.ResponseTokens);
        foreach (var rows in RowChunks.Of(sequences, 8 * model.Config.HiddenSize))
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            values.AddRange(Ragged(model, critic, PaddedBatch.ForTokens(rows, model.Config.PadTokenId)).ToFloats());
        }

        return [.. values];
    }

    /// <summary>Values with gradient, (B, T), 0 where there is no token.</summary>
    internal static Tensor Grid(BaseModel model, ParameterSet critic, PaddedBatch batch) => batch.ToGrid(Ragged(model, critic, batch));

    private static Tensor Ragged(BaseModel model, ParameterSet critic, PaddedBatch batch) =>
        CausalModel.Head(critic, batch.Hidden(model, critic, batch.States, dropout: null)); // (N)
}
