using System.Buffers.Binary;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Optim;

/// <summary>AdamW with decoupled weight decay and bias correction as <c>torch.optim.AdamW</c> computes it. State is fp32 and plain named tensors.</summary>
/// <remarks>Loshchilov and Hutter 2019 (arXiv:1711.05101). A parameter without gradient is left alone.</remarks>
public sealed class AdamW : IDisposable
{
    private const string First = "exp_avg.";
    private const string Second = "exp_avg_sq.";
    private const string StepName = "step";

    private readonly OptimizerOptions _options;
    private readonly Slot[] _slots;

    /// <summary>Starts with zero moments.</summary>
    /// <param name="parameters">Names and tensors that require gradients; taken in ordinal name order. Not owned.</param>
    /// <param name="options">Betas, epsilon, weight decay.</param>
    public AdamW(IEnumerable<KeyValuePair<string, Tensor>> parameters, OptimizerOptions options)
    {
        _options = options;
        using var noGrad = torch.no_grad();
        _slots =
        [
            .. parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => new Slot(
                p.Key,
                p.Value,
                torch.zeros_like(p.Value).DetachFromDisposeScope(),
                torch.zeros_like(p.Value).DetachFromDisposeScope())),
        ];
    }

    /// <summary>Steps taken.</summary>
    public long StepCount { get; private set; }

    /// <summary>Scales all gradients so that their joint L2 norm is at most <paramref name="maxNorm"/> (<c>clip_grad_norm_</c>).</summary>
    /// <param name="maxNorm">Largest norm; 0 or infinity: measure only.</param>
    /// <returns>The norm before clipping; 0 without gradients; NaN or infinity where a gradient is.</returns>
    public double ClipGradients(double maxNorm)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var gradients = _slots.Select(s => s.Parameter.grad).OfType<Tensor>().ToArray();
        if (gradients.Length == 0)
        {
            return 0;
        }

        var norm = torch.stack(gradients.Select(g => g.norm())).norm().item<float>();
        var factor = maxNorm / (norm + 1e-6);
        if (maxNorm > 0 && factor < 1)
        {
            using var scalar = ((float)factor).ToScalar();
            foreach (var gradient in gradients)
            {
                gradient.mul_(scalar);
            }
        }

        return norm;
    }

    /// <summary>One update of every parameter that has a gradient.</summary>
    /// <param name="lr">Learning rate of this step, at least 0.</param>
    public void Step(double lr)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        StepCount++;
        var (b1, b2) = (_options.Beta1, _options.Beta2);
        var size = lr / (1 - Math.Pow(b1, StepCount));
        using var decay = (1 - lr * _options.WeightDecay).ToScalar();
        using var keepFirst = b1.ToScalar();
        using var addFirst = (1 - b1).ToScalar();
        using var keepSecond = b2.ToScalar();
        using var addSecond = (1 - b2).ToScalar();
        using var correction = Math.Sqrt(1 - Math.Pow(b2, StepCount)).ToScalar();
        using var epsilon = _options.Epsilon.ToScalar();
        using var move = (-size).ToScalar();
        foreach (var (_, parameter, first, second) in _slots)
        {
            if (parameter.grad is not { } gradient)
            {
                continue;
            }

            if (_options.WeightDecay != 0)
            {
                parameter.mul_(decay);
            }

            first.mul_(keepFirst).add_(gradient, addFirst);
            second.mul_(keepSecond).addcmul_(gradient, gradient, addSecond);
            parameter.addcdiv_(first, second.sqrt().div_(correction).add_(epsilon), move);
        }
    }

    /// <summary>Drops all gradients.</summary>
    public void ClearGradients()
    {
        foreach (var slot in _slots)
        {
            slot.Parameter.grad = null;
        }
    }

    /// <summary>The state: <c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c> (fp32) and <c>step</c> (int64 scalar).</summary>
    public IReadOnlyList<TensorData> ToTensors()
    {
        var step = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(step, StepCount);
        return
        [
            .. _slots.Select(s => s.First.ToData(First + s.Name)),
            .. _slots.Select(s => s.Second.ToData(Second + s.Name)),
            new TensorData(StepName, TensorDType.I64, [], step),
        ];
    }

    /// <summary>Takes a stored state.</summary>
    /// <param name="state">What <see cref="ToTensors"/> gave, in any order.</param>
    /// <exception cref="ProblemException"><c>CGPT3004</c>: a moment or the step is missing or has another shape.</exception>
    public void Load(IReadOnlyList<TensorData> state)
    {
        var found = state.ToDictionary(t => t.Name);
        ShapeCheck.Require(
            [(StepName, []), .. _slots.SelectMany(s => ((string, long[])[])[(First + s.Name, s.Parameter.shape), (Second + s.Name, s.Parameter.shape)])],
            found);
        using var noGrad = torch.no_grad();
        foreach (var slot in _slots)
        {
            using var first = found[First + slot.Name].ToOwnedTensor();
            using var second = found[Second + slot.Name].ToOwnedTensor();
            using var scope = torch.NewDisposeScope();
            slot.First.copy_(first);
            slot.Second.copy_(second);
        }

        StepCount = BinaryPrimitives.ReadInt64LittleEndian(found[StepName].Data.Span);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
        }
    }

    private sealed record Slot(string Name, Tensor Parameter, Tensor First, Tensor Second);
}
