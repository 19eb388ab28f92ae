using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>The frozen weights of a BLOOM model, fp32. One per process and content hash; every <see cref="ParameterSet"/> shares it.</summary>
public sealed class BaseModel : IDisposable
{
    private readonly SortedDictionary<string, Tensor> _tensors;

    private BaseModel(ModelConfig config, SortedDictionary<string, Tensor> tensors)
    {
        Config = config;
        _tensors = tensors;
        Slopes = AttentionBias.Slopes(config.Heads).DetachFromDisposeScope();
        Weights = BloomWeights.Resolve(config, name => tensors[name], _ => null, 0);
    }

    /// <summary>Dimensions.</summary>
    public ModelConfig Config { get; }

    /// <summary>Bytes of all weights.</summary>
    public long ParameterBytes => _tensors.Values.Sum(t => t.numel() * t.ElementSize);

    /// <summary>ALiBi slopes, (heads).</summary>
    internal Tensor Slopes { get; }

    /// <summary>The weights by role.</summary>
    internal BloomWeights Weights { get; }

    /// <summary>The weights by Hugging Face name.</summary>
    internal IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Takes the weights of Hugging Face files; fp16 and bf16 become fp32.</summary>
    /// <param name="config">Dimensions.</param>
    /// <param name="weights">Tensors by name, with or without <c>transformer.</c>; others (a head, a tied <c>lm_head</c>) are ignored.</param>
    /// <exception cref="ProblemException"><c>CGPT3004</c> lists every missing tensor and wrong shape; <c>CGPT3003</c>: an untied output projection.</exception>
    public static BaseModel FromTensors(ModelConfig config, IReadOnlyDictionary<string, TensorData> weights)
    {
        if (!config.TieWordEmbeddings)
        {
            throw new ProblemException(
                ErrorCodes.ModelUnsupported,
                "tie_word_embeddings is false; only BLOOM's tied output projection is supported. Use a model with tie_word_embeddings true.",
                key: "tie_word_embeddings");
        }

        CheckHeads(config);
        var found = weights.Values.GroupBy(t => BloomNames.Canonical(t.Name)).ToDictionary(g => g.Key, g => g.First());
        var expected = BloomNames.Backbone(config).ToList();
        ShapeCheck.Require(expected, found);
        return new BaseModel(config, Collect(expected, (name, _) => found[name].ToOwnedTensor()));
    }

    /// <summary>A new model: normal weights with the configured deviation, residual projections divided by sqrt(2 L), biases 0, norms 1 and 0.</summary>
    /// <param name="config">Dimensions.</param>
    /// <param name="seed">Seed of all draws.</param>
    public static BaseModel CreateRandom(ModelConfig config, ulong seed)
    {
        CheckHeads(config);
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(seed);
        var residualStd = config.InitializerRange / Math.Sqrt(2.0 * config.Layers);
        return new BaseModel(config, Collect(BloomNames.Backbone(config), (name, shape) =>
        {
            var residual = name.EndsWith(".dense.weight", StringComparison.Ordinal) || name.EndsWith(".dense_4h_to_h.weight", StringComparison.Ordinal);
            var tensor = shape.Length == 2 ? torch.empty(shape).normal_(0, residual ? residualStd : config.InitializerRange, generator)
                : name.EndsWith(".bias", StringComparison.Ordinal) ? torch.zeros(shape)
                : torch.ones(shape);
            return tensor.DetachFromDisposeScope();
        }));
    }

    /// <summary>All weights, fp32, sorted by Hugging Face name.</summary>
    public IReadOnlyList<TensorData> ToTensors() => [.. _tensors.Select(t => t.Value.ToData(t.Key))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Slopes.Dispose();
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static SortedDictionary<string, Tensor> Collect(
        IEnumerable<(string Name, long[] Shape)> entries, Func<string, long[], Tensor> make)
    {
        var tensors = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, shape) in entries)
        {
            tensors.Add(name, make(name, shape));
        }

        return tensors;
    }

    private static void CheckHeads(ModelConfig config)
    {
        if (config.Heads < 1 || config.HiddenSize % config.Heads != 0)
        {
            throw new ProblemException(
                ErrorCodes.ModelUnsupported,
                $"hidden_size {config.HiddenSize} is not a multiple of n_head {config.Heads}. Correct config.json.",
                key: "n_head");
        }
    }
}
