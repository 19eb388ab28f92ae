using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>Reads the <c>config.json</c> of a BLOOM model, in the spellings transformers has used for it.</summary>
internal static class BloomConfigReader
{
    /// <summary>Reads and checks a configuration.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="file">The file as the user knows it.</param>
    public static ModelConfig Read(ReadOnlyMemory<byte> json, string file)
    {
        var root = JsonSection.Parse(json, file, ErrorCodes.ModelDamaged);
        var type = root.Text("model_type");
        if (type != "bloom")
        {
            throw root.Problem(
                $"model type '{type ?? "(none)"}' is not supported; supported: bloom", "model_type", ErrorCodes.ModelUnsupported);
        }

        var problems = new List<Problem>();
        var eos = root.Integer("eos_token_id");
        var config = new ModelConfig
        {
            ModelType = type,
            VocabularySize = Positive(root, problems, "vocab_size"),
            HiddenSize = Positive(root, problems, "n_embed", "hidden_size"),
            Layers = Positive(root, problems, "n_layer", "num_hidden_layers"),
            Heads = Positive(root, problems, "n_head", "num_attention_heads"),
            LayerNormEpsilon = root.Number("layer_norm_epsilon") ?? 1e-5,
            InitializerRange = root.Number("initializer_range") ?? 0.02,
            ResidualAfterLayerNorm = root.Flag("apply_residual_connection_post_layernorm"),
            TieWordEmbeddings = root.Flag("tie_word_embeddings", otherwise: true),
            BosTokenId = root.Integer("bos_token_id") ?? 1,
            EosTokenId = eos ?? 2,

            // A pad id that is absent is transformers' default for BLOOM; one that is null means there is none: take eos.
            PadTokenId = root.Integer("pad_token_id")
                ?? (root.Element.TryGetProperty("pad_token_id", out _) ? eos ?? 2 : 3),
        };
        Check(root, config, problems);
        return problems.Count == 0 ? config : throw new ProblemException(problems);
    }

    /// <summary>Reads the number under the first of the names that is there; 1 and a problem where none is.</summary>
    private static int Positive(JsonSection root, List<Problem> problems, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (root.Integer(name) is { } number)
            {
                if (number < 1)
                {
                    problems.AddRange(root.Problem($"must be at least 1; it is {number}", name).Problems);
                    return 1;
                }

                return number;
            }
        }

        var spellings = string.Join(" or ", names.ToArray());
        problems.AddRange(root.Problem($"is missing; a BLOOM configuration gives it as {spellings}", names[^1]).Problems);
        return 1;
    }

    private static void Check(JsonSection root, ModelConfig config, List<Problem> problems)
    {
        if (problems.Count > 0)
        {
            return; // what follows would only repeat the cause
        }

        if (config.HiddenSize % config.Heads != 0)
        {
            problems.AddRange(root.Problem(
                $"{config.HiddenSize} must be a multiple of the {config.Heads} heads", "hidden_size").Problems);
        }

        if (!(config.LayerNormEpsilon > 0))
        {
            problems.AddRange(root.Problem(
                $"must be above 0; it is {config.LayerNormEpsilon}", "layer_norm_epsilon").Problems);
        }

        (string Key, int Id)[] ids =
        [
            ("bos_token_id", config.BosTokenId), ("eos_token_id", config.EosTokenId), ("pad_token_id", config.PadTokenId),
        ];
        foreach (var (key, id) in ids)
        {
            if (id < 0 || id >= config.VocabularySize)
            {
                problems.AddRange(root.Problem(
                    $"must be an id from 0 to {config.VocabularySize - 1}, the vocabulary; it is {id}", key).Problems);
            }
        }
    }
}
