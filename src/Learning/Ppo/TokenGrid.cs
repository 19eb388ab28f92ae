using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Ppo;

/// <summary>Turns ragged per-token numbers into (B, T) tensors in the current dispose scope; 0 where there is no token.</summary>
internal sealed class TokenGrid
{
    private readonly int[] _lengths;
    private readonly int _width;

    public TokenGrid(int[] lengths)
    {
        (_lengths, _width) = (lengths, lengths.Max());
        var mask = new bool[lengths.Length * _width];
        for (var row = 0; row < lengths.Length; row++)
        {
            mask.AsSpan(row * _width, lengths[row]).Fill(true);
        }

        Mask = torch.tensor(mask, [lengths.Length, _width]);
    }

    /// <summary>(B, T) bool; true on tokens.</summary>
    public Tensor Mask { get; }

    /// <summary>(N) -> (B, T).</summary>
    public Tensor From(ReadOnlySpan<float> ragged)
    {
        var values = new float[_lengths.Length * _width];
        var at = 0;
        for (var row = 0; row < _lengths.Length; row++)
        {
            ragged.Slice(at, _lengths[row]).CopyTo(values.AsSpan(row * _width));
            at += _lengths[row];
        }

        return torch.tensor(values, [_lengths.Length, _width]);
    }
}
