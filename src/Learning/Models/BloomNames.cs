using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Tensor names of BLOOM as in Hugging Face files, and their shapes.</summary>
internal static class BloomNames
{
    public const string Embedding = "transformer.word_embeddings";
    public const string EmbeddingNorm = "transformer.word_embeddings_layernorm";
    public const string FinalNorm = "transformer.ln_f";
    public const string HeadWeight = "score.weight";
    public const string HeadBias = "score.bias";
    public const string PeftPrefix = "base_model.model.";
    public const string LoraA = ".lora_A.weight";
    public const string LoraB = ".lora_B.weight";

    /// <summary>The linear layers of a block, by the last part of their name.</summary>
    public static readonly IReadOnlyDictionary<string, string> LinearPaths = new Dictionary<string, string>
    {
        ["query_key_value"] = "self_attention.query_key_value",
        ["dense"] = "self_attention.dense",
        ["dense_h_to_4h"] = "mlp.dense_h_to_4h",
        ["dense_4h_to_h"] = "mlp.dense_4h_to_h",
    };

    public static string Block(int layer, string part) => $"transformer.h.{layer}.{part}";

    /// <summary>(rows, columns) of a linear layer's weight: outputs, inputs.</summary>
    public static (long Out, long In) LinearShape(ModelConfig config, string target)
    {
        long h = config.HiddenSize;
        return target switch
        {
            "query_key_value" => (3 * h, h),
            "dense" => (h, h),
            "dense_h_to_4h" => (4 * h, h),
            "dense_4h_to_h" => (h, 4 * h),
            _ => throw new ArgumentOutOfRangeException(nameof(target), target, "not a linear layer of BLOOM"),
        };
    }

    /// <summary>Every weight of the backbone with its shape, in file order.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Backbone(ModelConfig config)
    {
        long h = config.HiddenSize;
        yield return (Embedding + ".weight", [config.VocabularySize, h]);
        foreach (var entry in Affine(EmbeddingNorm, h))
        {
            yield return entry;
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var norm in (string[])["input_layernorm", "post_attention_layernorm"])
            {
                foreach (var entry in Affine(Block(layer, norm), h))
                {
                    yield return entry;
                }
            }

            foreach (var (target, path) in LinearPaths)
            {
                var (rows, columns) = LinearShape(config, target);
                yield return (Block(layer, path) + ".weight", [rows, columns]);
                yield return (Block(layer, path) + ".bias", [rows]);
            }
        }

        foreach (var entry in Affine(FinalNorm, h))
        {
            yield return entry;
        }
    }

    /// <summary>The name as used inside: files may leave <c>transformer.</c> out, or put PEFT's prefix before a head.</summary>
    public static string Canonical(string name)
    {
        if (name.StartsWith(PeftPrefix, StringComparison.Ordinal))
        {
            name = name[PeftPrefix.Length..];
        }

        return name.StartsWith("transformer.", StringComparison.Ordinal)
            || name.StartsWith("score.", StringComparison.Ordinal)
            || name.StartsWith("lm_head.", StringComparison.Ordinal)
            ? name
            : "transformer." + name;
    }

    private static IEnumerable<(string Name, long[] Shape)> Affine(string module, long size) =>
        [(module + ".weight", [size]), (module + ".bias", [size])];
}
