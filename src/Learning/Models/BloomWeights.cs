using ClinicalGpt.Orleans.Abstractions.Models;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Weight and bias of a layer normalisation, each (H).</summary>
internal readonly record struct NormWeights(Tensor Weight, Tensor Bias);

/// <summary>A linear layer, (out, in) and (out), with LoRA factors (r, in) and (out, r) where it has an adapter.</summary>
internal readonly record struct LinearWeights(Tensor Weight, Tensor Bias, Tensor? A, Tensor? B);

/// <summary>One transformer block.</summary>
internal sealed record BlockWeights(
    NormWeights InputNorm, LinearWeights QueryKeyValue, LinearWeights Dense, NormWeights PostAttentionNorm, LinearWeights Up, LinearWeights Down);

/// <summary>Every tensor a forward pass needs, looked up once. Owns nothing.</summary>
internal sealed record BloomWeights(Tensor Embedding, NormWeights EmbeddingNorm, BlockWeights[] Blocks, NormWeights FinalNorm, double LoraScale)
{
    /// <summary>Looks the tensors up by name.</summary>
    /// <param name="config">Dimensions.</param>
    /// <param name="weight">The tensor of a Hugging Face name.</param>
    /// <param name="lora">The tensor of a PEFT name, or null where there is no adapter.</param>
    /// <param name="scale">Factor in front of B·A.</param>
    public static BloomWeights Resolve(ModelConfig config, Func<string, Tensor> weight, Func<string, Tensor?> lora, double scale)
    {
        return new BloomWeights(
            weight(BloomNames.Embedding + ".weight"),
            Norm(BloomNames.EmbeddingNorm),
            [.. Enumerable.Range(0, config.Layers).Select(Block)],
            Norm(BloomNames.FinalNorm),
            scale);

        NormWeights Norm(string module) => new(weight(module + ".weight"), weight(module + ".bias"));

        LinearWeights Linear(int layer, string target)
        {
            var module = BloomNames.Block(layer, BloomNames.LinearPaths[target]);
            return new(
                weight(module + ".weight"),
                weight(module + ".bias"),
                lora(BloomNames.PeftPrefix + module + BloomNames.LoraA),
                lora(BloomNames.PeftPrefix + module + BloomNames.LoraB));
        }

        BlockWeights Block(int layer) => new(
            Norm(BloomNames.Block(layer, "input_layernorm")),
            Linear(layer, "query_key_value"),
            Linear(layer, "dense"),
            Norm(BloomNames.Block(layer, "post_attention_layernorm")),
            Linear(layer, "dense_h_to_4h"),
            Linear(layer, "dense_4h_to_h"));
    }
}
