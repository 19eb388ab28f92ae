using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

public sealed partial class ParameterSet
{
    /// <summary>New LoRA factors: A uniform in ±1/sqrt(in) (PEFT's Kaiming), B zero, so that the model is unchanged at first.</summary>
    /// <param name="model">The base.</param>
    /// <param name="options">Rank, alpha, target layers.</param>
    /// <param name="seed">Seed of all draws.</param>
    /// <exception cref="ProblemException"><c>CGPT2004</c>: rank below 1, no target, or a target that BLOOM does not have.</exception>
    /// <remarks>Hu et al. 2021 (arXiv:2106.09685).</remarks>
    public static ParameterSet CreateLora(BaseModel model, AdapterOptions options, ulong seed)
    {
        var unknown = options.Targets.Where(t => !BloomNames.LinearPaths.ContainsKey(t)).ToList();
        if (options.Rank < 1 || options.Targets.Count == 0 || unknown.Count > 0)
        {
            throw new ProblemException(
                ErrorCodes.RecipeValueRange,
                $"adapter rank {options.Rank} with targets [{string.Join(", ", options.Targets)}]: the rank must be at least 1 and targets some of {string.Join(", ", BloomNames.LinearPaths.Keys)}.",
                key: "adapter");
        }

        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(seed);
        var tensors = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        for (var layer = 0; layer < model.Config.Layers; layer++)
        {
            foreach (var (target, path) in BloomNames.LinearPaths.Where(p => options.Targets.Contains(p.Key)))
            {
                var (rows, columns) = BloomNames.LinearShape(model.Config, target);
                var module = BloomNames.PeftPrefix + BloomNames.Block(layer, path);
                var bound = 1 / Math.Sqrt(columns);
                tensors[module + BloomNames.LoraA] =
                    torch.empty(options.Rank, columns).uniform_(-bound, bound, generator).DetachFromDisposeScope();
                tensors[module + BloomNames.LoraB] = torch.zeros(rows, options.Rank).DetachFromDisposeScope();
            }
        }

        return new ParameterSet(model, tensors, isLora: true, options.Scale, trainable: true);
    }

    /// <summary>A trainable copy of every weight.</summary>
    /// <param name="model">The base.</param>
    public static ParameterSet CreateFull(BaseModel model) => new(model, Copy(model.Tensors), isLora: false, 1.0, trainable: true);

    /// <summary>Takes stored parameters.</summary>
    /// <param name="model">The base.</param>
    /// <param name="tensors">PEFT names for LoRA, Hugging Face names for a full set; <c>score.weight</c> and <c>score.bias</c> where there is a head.</param>
    /// <param name="isLora">Which of the two.</param>
    /// <param name="scale">LoRA alpha / r; ignored for a full set.</param>
    /// <param name="trainable">Whether gradients are wanted.</param>
    /// <exception cref="ProblemException"><c>CGPT3004</c> lists every missing, unknown or wrongly shaped tensor.</exception>
    public static ParameterSet FromTensors(
        BaseModel model, IReadOnlyList<TensorData> tensors, bool isLora, double scale, bool trainable)
    {
        var owned = new SortedDictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, tensor) in Fitting(model.Config, tensors, isLora))
        {
            owned[name] = tensor.ToOwnedTensor();
        }

        return new ParameterSet(model, owned, isLora, isLora ? scale : 1.0, trainable);
    }

    /// <summary>Checks stored parameters against the model they are meant for, without loading anything.</summary>
    /// <param name="config">Dimensions of the base.</param>
    /// <param name="tensors">As for <see cref="FromTensors"/>.</param>
    /// <param name="isLora">Whether they are LoRA factors.</param>
    /// <exception cref="ProblemException"><c>CGPT3004</c> lists every missing, unknown or wrongly shaped tensor.</exception>
    public static void RequireFit(ModelConfig config, IReadOnlyList<TensorData> tensors, bool isLora) => Fitting(config, tensors, isLora);

    /// <summary>The tensors by the names of this class.</summary>
    private static SortedDictionary<string, TensorData> Fitting(ModelConfig config, IReadOnlyList<TensorData> tensors, bool isLora)
    {
        var found = new SortedDictionary<string, TensorData>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            var name = BloomNames.Canonical(tensor.Name);
            if (!name.StartsWith("lm_head.", StringComparison.Ordinal))
            {
                found[isLora && !name.StartsWith("score.", StringComparison.Ordinal) ? BloomNames.PeftPrefix + name : name] = tensor;
            }
        }

        var expected = (isLora ? LoraShapes(config, found) : BloomNames.Backbone(config)).Concat(HeadShapes(config, found)).ToList();
        ShapeCheck.Require(expected, found);
        var names = expected.Select(e => e.Name).ToHashSet();
        var unknown = found.Keys.Where(n => !names.Contains(n)).ToList();
        if (unknown.Count > 0 || expected.Count == 0)
        {
            throw new ProblemException(
                ErrorCodes.ModelTensorMismatch,
                unknown.Count == 0
                    ? "the adapter holds no LoRA factor; use the weights that belong to adapter_config.json."
                    : $"unknown tensors: {string.Join(", ", unknown)}. Adapters may train {string.Join(", ", BloomNames.LinearPaths.Keys)} and a score head; save the model in that form.");
        }

        return found;
    }

    private static IEnumerable<(string Name, long[] Shape)> LoraShapes(ModelConfig config, IReadOnlyDictionary<string, TensorData> found)
    {
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var (target, path) in BloomNames.LinearPaths)
            {
                var module = BloomNames.PeftPrefix + BloomNames.Block(layer, path);
                var a = found.GetValueOrDefault(module + BloomNames.LoraA);
                var b = found.GetValueOrDefault(module + BloomNames.LoraB);
                if (a is null && b is null)
                {
                    continue;
                }

                var rank = a?.Shape.FirstOrDefault() ?? b!.Shape.LastOrDefault();
                var (rows, columns) = BloomNames.LinearShape(config, target);
                yield return (module + BloomNames.LoraA, [rank, columns]);
                yield return (module + BloomNames.LoraB, [rows, rank]);
            }
        }
    }

    private static IEnumerable<(string Name, long[] Shape)> HeadShapes(ModelConfig config, IReadOnlyDictionary<string, TensorData> found)
    {
        if (found.ContainsKey(BloomNames.HeadWeight) || found.ContainsKey(BloomNames.HeadBias))
        {
            yield return (BloomNames.HeadWeight, [1, config.HiddenSize]);
        }

        if (found.ContainsKey(BloomNames.HeadBias))
        {
            yield return (BloomNames.HeadBias, [1]);
        }
    }
}
