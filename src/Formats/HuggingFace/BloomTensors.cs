using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>The names and shapes of a BLOOM model's tensors.</summary>
internal static class BloomTensors
{
    /// <summary>The name of the scalar head of a sequence classification model.</summary>
    public const string Score = "score.weight";

    private const string Prefix = "transformer.";

    /// <summary>Every tensor the configuration asks for, with its shape.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Expected(ModelConfig config)
    {
        long vocabulary = config.VocabularySize;
        long hidden = config.HiddenSize;
        yield return ("transformer.word_embeddings.weight", [vocabulary, hidden]);
        yield return ("transformer.word_embeddings_layernorm.weight", [hidden]);
        yield return ("transformer.word_embeddings_layernorm.bias", [hidden]);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var block = $"transformer.h.{layer}.";
            yield return (block + "input_layernorm.weight", [hidden]);
            yield return (block + "input_layernorm.bias", [hidden]);
            yield return (block + "self_attention.query_key_value.weight", [3 * hidden, hidden]);
            yield return (block + "self_attention.query_key_value.bias", [3 * hidden]);
            yield return (block + "self_attention.dense.weight", [hidden, hidden]);
            yield return (block + "self_attention.dense.bias", [hidden]);
            yield return (block + "post_attention_layernorm.weight", [hidden]);
            yield return (block + "post_attention_layernorm.bias", [hidden]);
            yield return (block + "mlp.dense_h_to_4h.weight", [4 * hidden, hidden]);
            yield return (block + "mlp.dense_h_to_4h.bias", [4 * hidden]);
            yield return (block + "mlp.dense_4h_to_h.weight", [hidden, 4 * hidden]);
            yield return (block + "mlp.dense_4h_to_h.bias", [hidden]);
        }

        yield return ("transformer.ln_f.weight", [hidden]);
        yield return ("transformer.ln_f.bias", [hidden]);
    }

    /// <summary>Gives the names of a bare BloomModel (as the published ones have them) their prefix.</summary>
    public static Dictionary<string, TensorData> WithPrefix(IEnumerable<TensorData> tensors)
    {
        var list = tensors.ToList();
        var bare = !list.Any(tensor => tensor.Name.StartsWith(Prefix, StringComparison.Ordinal));
        return list
            .Select(tensor => bare && !IsHead(tensor.Name)
                ? tensor with { Name = Prefix + tensor.Name }
                : tensor)
            .ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Compares tensors with a configuration.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="weights">The tensors, prefixed.</param>
    /// <param name="withScore">Whether a scalar head (1, H) must be there, and an output projection need not.</param>
    /// <param name="folder">The model folder, for messages.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelTensorMismatch"/>, one problem for each tensor.</exception>
    public static void Check(
        ModelConfig config, IReadOnlyDictionary<string, TensorData> weights, bool withScore, string folder)
    {
        var expected = Expected(config).ToDictionary(pair => pair.Name, pair => pair.Shape, StringComparer.Ordinal);
        if (withScore)
        {
            expected[Score] = [1, config.HiddenSize];
        }
        else if (!config.TieWordEmbeddings)
        {
            expected["lm_head.weight"] = [config.VocabularySize, config.HiddenSize];
        }

        var problems = new List<Problem>();
        foreach (var (name, shape) in expected)
        {
            if (!weights.TryGetValue(name, out var tensor))
            {
                Add(name, $"tensor '{name}' is missing; config.json asks for shape {Text(shape)}");
            }
            else if (!tensor.Shape.AsSpan().SequenceEqual(shape))
            {
                Add(name, $"tensor '{name}' has shape {Text(tensor.Shape)}; config.json asks for {Text(shape)}");
            }
            else if (tensor.DType is not (TensorDType.F32 or TensorDType.BF16 or TensorDType.F16 or TensorDType.F64))
            {
                Add(name, $"tensor '{name}' has dtype {tensor.DType}; weights must be floats");
            }
        }

        foreach (var name in weights.Keys.Where(name => !expected.ContainsKey(name) && !IsHead(name)).Order(StringComparer.Ordinal))
        {
            Add(name, $"tensor '{name}' has no place in the model of config.json ({config.Layers} layers)");
        }

        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        void Add(string name, string message) =>
            problems.Add(new Problem(ErrorCodes.ModelTensorMismatch, message, folder, null, name));
    }

    private static bool IsHead(string name) => name is Score or "lm_head.weight";

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
