using ClinicalGpt.Orleans.Abstractions.Models;
using TorchSharp;
using Tensor = TorchSharp.torch.Tensor;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>Keys and values of the tokens seen so far, in tensors allocated once for the longest sequence.</summary>
internal sealed class KeyValueCache
{
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;

    /// <summary>Allocates in the current dispose scope.</summary>
    public KeyValueCache(ModelConfig config, long rows, long capacity)
    {
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Buffer())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Buffer())];

        Tensor Buffer() => torch.zeros(rows, config.Heads, capacity, config.HeadSize);
    }

    /// <summary>The tensors that must outlive a step.</summary>
    public IEnumerable<Tensor> Buffers => _keys.Concat(_values);

    /// <summary>Tokens held; the caller advances it after a whole forward pass.</summary>
    public long Length { get; set; }

    /// <summary>Writes a layer's new keys and values, (B, heads, T, d) each, and gives all so far, (B, heads, Length + T, d).</summary>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var added = keys.size(2);
        _keys[layer].narrow(2, Length, added).copy_(keys);
        _values[layer].narrow(2, Length, added).copy_(values);
        return (_keys[layer].narrow(2, 0, Length + added), _values[layer].narrow(2, 0, Length + added));
    }

    /// <summary>Keeps only some rows.</summary>
    public void Select(Tensor rows)
    {
        foreach (var buffers in (Tensor[][])[_keys, _values])
        {
            for (var layer = 0; layer < buffers.Length; layer++)
            {
                var all = buffers[layer];
                buffers[layer] = all.index_select(0, rows);
                all.Dispose();
            }
        }
    }
}
