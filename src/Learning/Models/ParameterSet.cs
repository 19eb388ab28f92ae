using ClinicalGpt.Orleans.Abstractions.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Parameters over a base model: LoRA factors or a copy of every weight, with or without a scalar head. Trainable or frozen.
/// "Adapter off" is to pass null instead.</summary>
public sealed partial class ParameterSet : IDisposable
{
    private const string WeightSuffix = ".weight";
    private readonly BaseModel _base;
    private readonly SortedDictionary<string, Tensor> _tensors;
    private readonly bool _trainable;
    private BloomWeights? _merged;
    private List<Tensor> _mergedOwned = [];

    private ParameterSet(BaseModel model, SortedDictionary<string, Tensor> tensors, bool isLora, double scale, bool trainable)
    {
        (_base, _tensors, IsLora, Scale, _trainable) = (model, tensors, isLora, scale, trainable);
        foreach (var tensor in tensors.Values)
        {
            tensor.requires_grad_(trainable);
        }

        Weights = isLora
            ? BloomWeights.Resolve(model.Config, name => model.Tensors[name], tensors.GetValueOrDefault, scale)
            : BloomWeights.Resolve(model.Config, name => tensors[name], _ => null, 0);
    }

    /// <summary>Whether these are LoRA factors; false: every weight.</summary>
    public bool IsLora { get; }

    /// <summary>LoRA alpha / r; 1 for a full set.</summary>
    public double Scale { get; }

    /// <summary>Whether there is a scalar head.</summary>
    public bool HasHead => _tensors.ContainsKey(BloomNames.HeadWeight);

    /// <summary>Bytes of all parameters of the set.</summary>
    public long Bytes => _tensors.Values.Sum(t => t.numel() * t.ElementSize);

    /// <summary>Bytes that sampling keeps beside the parameters: the weights with LoRA merged, of every layer that has it; 0 for a full set.</summary>
    public long MergedBytes => !IsLora ? 0 : _base.Tensors
        .Where(t => t.Key.EndsWith(WeightSuffix, StringComparison.Ordinal)
            && _tensors.ContainsKey(BloomNames.PeftPrefix + t.Key[..^WeightSuffix.Length] + BloomNames.LoraA))
        .Sum(t => t.Value.numel() * t.Value.ElementSize);

    /// <summary>The parameters by name, ordinal order. Live tensors: theirs who hold the set.</summary>
    internal IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>What the training forward uses: LoRA beside the weights.</summary>
    internal BloomWeights Weights { get; }

    /// <summary>Head weight, (1, H).</summary>
    internal Tensor HeadWeight => _tensors.TryGetValue(BloomNames.HeadWeight, out var head)
        ? head
        : throw new InvalidOperationException("these parameters have no scalar head");

    /// <summary>Head bias, (1), or null.</summary>
    internal Tensor? HeadBias => _tensors.GetValueOrDefault(BloomNames.HeadBias);

    /// <summary>All parameters, fp32, sorted by name (ordinal).</summary>
    public IReadOnlyList<TensorData> ToTensors() => [.. _tensors.Select(t => t.Value.ToData(t.Key))];

    /// <summary>An independent copy that can be trained.</summary>
    public ParameterSet CloneTrainable() => new(_base, Copy(_tensors), IsLora, Scale, trainable: true);

    /// <summary>Adds a scalar head: weight normal with deviation 1/sqrt(H + 1), bias 0. Call it before an optimizer is made.</summary>
    /// <param name="seed">Seed of the draw.</param>
    /// <exception cref="InvalidOperationException">There is a head already.</exception>
    public void AddHead(ulong seed)
    {
        if (HasHead)
        {
            throw new InvalidOperationException("these parameters have a head already");
        }

        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(seed);
        long width = _base.Config.HiddenSize;
        Own(BloomNames.HeadWeight, torch.empty(1, width).normal_(0, 1 / Math.Sqrt(width + 1.0), generator));
        Own(BloomNames.HeadBias, torch.zeros(1));
    }

    /// <summary>Folds score constants into the head, so that it gives (raw - mean) / std; adds a bias where there is none.</summary>
    /// <param name="mean">Mean raw score.</param>
    /// <param name="std">Deviation of the raw score, above 0.</param>
    public void FoldNormalization(double mean, double std)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(std);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        if (HeadBias is null)
        {
            Own(BloomNames.HeadBias, torch.zeros(1));
        }

        HeadWeight.div_(std);
        HeadBias!.sub_(mean).div_(std);
    }

    /// <summary>The weights of the model these parameters make, by Hugging Face name: W + scale B·A, or the full set; the head too where there is one.</summary>
    /// <param name="model">The base these parameters belong to.</param>
    public IReadOnlyList<TensorData> MergeInto(BaseModel model)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var merged = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, weight) in IsLora ? model.Tensors : _tensors)
        {
            merged[name] = MergedOrNull(name, weight) ?? weight;
        }

        foreach (var (name, tensor) in _tensors.Where(t => t.Key is BloomNames.HeadWeight or BloomNames.HeadBias))
        {
            merged[name] = tensor;
        }

        return [.. merged.Select(t => t.Value.ToData(t.Key))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Touch();
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Weights with LoRA merged, for sampling; kept until <see cref="Touch"/>.</summary>
    internal BloomWeights Merged()
    {
        if (!IsLora)
        {
            return Weights;
        }

        if (_merged is null)
        {
            using var scope = torch.NewDisposeScope();
            using var noGrad = torch.no_grad();
            _merged = BloomWeights.Resolve(_base.Config, Weight, _ => null, 0);
        }

        return _merged;

        Tensor Weight(string name)
        {
            if (MergedOrNull(name, _base.Tensors[name]) is not { } merged)
            {
                return _base.Tensors[name];
            }

            _mergedOwned.Add(merged.DetachFromDisposeScope());
            return merged;
        }
    }

    /// <summary>Says that parameters changed.</summary>
    internal void Touch()
    {
        _mergedOwned.ForEach(t => t.Dispose());
        (_merged, _mergedOwned) = (null, []);
    }

    private Tensor? MergedOrNull(string name, Tensor weight)
    {
        if (!IsLora || !name.EndsWith(WeightSuffix, StringComparison.Ordinal))
        {
            return null;
        }

        var module = BloomNames.PeftPrefix + name[..^WeightSuffix.Length];
        return _tensors.TryGetValue(module + BloomNames.LoraA, out var a)
            ? weight.add(_tensors[module + BloomNames.LoraB].mm(a), alpha: Scale) // (out, r) x (r, in)
            : null;
    }

    private void Own(string name, Tensor tensor) => _tensors[name] = tensor.requires_grad_(_trainable).DetachFromDisposeScope();

    private static SortedDictionary<string, Tensor> Copy(IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        using var noGrad = torch.no_grad();
        var copy = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            copy[name] = tensor.detach().clone().DetachFromDisposeScope();
        }

        return copy;
    }
}
