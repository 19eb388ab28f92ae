using F = TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>BLOOM's forward pass as functions. What they return belongs to the caller's dispose scope.</summary>
/// <remarks>Workshop et al. 2022 (arXiv:2211.05100), as in transformers' <c>BloomModel</c>. Letters: B batch, T tokens, H hidden, V vocabulary.</remarks>
public static class CausalModel
{
    /// <summary>The residual stream after the final normalisation.</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">Trained parameters; null: the base alone.</param>
    /// <param name="ids">Token ids, (B, T) int64.</param>
    /// <param name="mask">1 on real tokens, (B, T) fp32, or (1, T) where all rows share it (right padding needs no more than ones).</param>
    /// <param name="dropout">LoRA dropout; null: none.</param>
    /// <returns>(B, T, H) fp32; rows of padded queries are finite and mean nothing.</returns>
    public static Tensor Hidden(BaseModel model, ParameterSet? parameters, Tensor ids, Tensor mask, DropoutSource? dropout)
    {
        var weights = parameters?.Weights ?? model.Weights;
        var bias = AttentionBias.Causal(mask, model.Slopes);
        return Forward(model, weights, ids, bias, dropout, cache: null);
    }

    /// <summary>Logits by the tied embedding.</summary>
    /// <param name="model">The base.</param>
    /// <param name="parameters">Trained parameters; null: the base alone.</param>
    /// <param name="hidden">(..., H).</param>
    /// <returns>(..., V) fp32.</returns>
    public static Tensor Logits(BaseModel model, ParameterSet? parameters, Tensor hidden) =>
        F.linear(hidden, (parameters?.Weights ?? model.Weights).Embedding);

    /// <summary>The scalar head.</summary>
    /// <param name="parameters">Parameters with a head.</param>
    /// <param name="hidden">(N, H).</param>
    /// <returns>(N).</returns>
    public static Tensor Head(ParameterSet parameters, Tensor hidden) =>
        F.linear(hidden, parameters.HeadWeight, parameters.HeadBias).squeeze(-1);

    internal static Tensor Forward(
        BaseModel model, BloomWeights weights, Tensor ids, Tensor bias, DropoutSource? dropout, KeyValueCache? cache)
    {
        var (rows, length, width) = (ids.size(0), ids.size(1), (long)model.Config.HiddenSize);
        var x = weights.Embedding.index_select(0, ids.reshape(-1)).view(rows, length, width); // (B, T) -> (B, T, H)
        x = Normalize(model, x, weights.EmbeddingNorm);
        for (var layer = 0; layer < weights.Blocks.Length; layer++)
        {
            x = Block(model, weights, layer, x, bias, dropout, cache);
        }

        return Normalize(model, x, weights.FinalNorm);
    }

    private static Tensor Block(
        BaseModel model, BloomWeights weights, int layer, Tensor x, Tensor bias, DropoutSource? dropout, KeyValueCache? cache)
    {
        var block = weights.Blocks[layer];
        var (rows, length) = (x.size(0), x.size(1));
        long heads = model.Config.Heads, size = model.Config.HeadSize;

        var input = Normalize(model, x, block.InputNorm);
        var qkv = Linear(input, block.QueryKeyValue).view(rows, length, heads, 3, size); // interleaved per head
        var query = qkv.select(3, 0).transpose(1, 2); // (B, heads, T, d)
        var key = qkv.select(3, 1).transpose(1, 2);
        var value = qkv.select(3, 2).transpose(1, 2);
        if (cache is not null)
        {
            (key, value) = cache.Append(layer, key, value); // (B, heads, past + T, d)
        }

        var context = F.scaled_dot_product_attention(query, key, value, bias).transpose(1, 2).reshape(rows, length, heads * size);
        var attended = Linear(context, block.Dense) + (model.Config.ResidualAfterLayerNorm ? input : x);

        var middle = Normalize(model, attended, block.PostAttentionNorm);
        var expanded = F.gelu(Linear(middle, block.Up), TorchSharp.Modules.GELU.Approximate.tanh); // (B, T, 4H)
        return Linear(expanded, block.Down) + (model.Config.ResidualAfterLayerNorm ? middle : attended);

        Tensor Linear(Tensor z, LinearWeights linear)
        {
            var y = F.linear(z, linear.Weight, linear.Bias);
            if (linear.A is null || linear.B is null)
            {
                return y;
            }

            var low = F.linear(dropout?.Apply(z) ?? z, linear.A); // (B, T, r)
            return y.add(F.linear(low, linear.B), alpha: weights.LoraScale);
        }
    }

    private static Tensor Normalize(BaseModel model, Tensor x, NormWeights norm) =>
        F.layer_norm(x, [model.Config.HiddenSize], norm.Weight, norm.Bias, model.Config.LayerNormEpsilon);
}
