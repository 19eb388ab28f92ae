using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Dropout with masks from its own generator, one draw per call, so that a repeated step drops the same elements.</summary>
public sealed class DropoutSource : IDisposable
{
    private readonly double _probability;
    private readonly torch.Generator _generator;

    /// <summary>Creates a source.</summary>
    /// <param name="probability">Share of elements set to 0, [0, 1).</param>
    /// <param name="seed">Seed of the masks.</param>
    public DropoutSource(double probability, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1.0);
        _probability = probability;
        _generator = new torch.Generator(seed);
    }

    /// <summary>Zeroes elements and scales the others by 1 / (1 - p).</summary>
    /// <param name="x">Any shape.</param>
    /// <returns>The same shape; <paramref name="x"/> itself where p is 0.</returns>
    public Tensor Apply(Tensor x)
    {
        if (_probability == 0)
        {
            return x;
        }

        var keep = 1 - _probability;
        return x * torch.empty(x.shape).bernoulli_(keep, _generator).div_(keep);
    }

    /// <inheritdoc/>
    public void Dispose() => _generator.Dispose();
}
