using System.Runtime.InteropServices;

namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>Token sequences, each a prompt and a response, without padding: what travels between grains.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.SequenceBlock")]
public sealed record SequenceBlock
{
    /// <summary>Token ids, int32 little-endian, row after row, prompt then response.</summary>
    [Id(0)]
    public required byte[] Tokens { get; init; }

    /// <summary>Prompt tokens of each row.</summary>
    [Id(1)]
    public required int[] PromptLengths { get; init; }

    /// <summary>Response tokens of each row, EOS included; 0 for prompts alone.</summary>
    [Id(2)]
    public required int[] ResponseLengths { get; init; }

    /// <summary>Number of rows.</summary>
    public int Rows => PromptLengths.Length;

    /// <summary>Response tokens of all rows together.</summary>
    public int ResponseTokens => ResponseLengths.Sum();

    /// <summary>Builds a block.</summary>
    /// <param name="rows">Prompt and response of each row.</param>
    public static SequenceBlock From(IReadOnlyList<(int[] Prompt, int[] Response)> rows)
    {
        var ids = rows.SelectMany(r => r.Prompt.Concat(r.Response)).ToArray();
        return new SequenceBlock
        {
            Tokens = MemoryMarshal.AsBytes<int>(ids).ToArray(),
            PromptLengths = [.. rows.Select(r => r.Prompt.Length)],
            ResponseLengths = [.. rows.Select(r => r.Response.Length)],
        };
    }

    /// <summary>Rows of several blocks, one after the other.</summary>
    /// <param name="blocks">At least one block.</param>
    public static SequenceBlock Concat(IReadOnlyList<SequenceBlock> blocks) => new()
    {
        Tokens = [.. blocks.SelectMany(b => b.Tokens)],
        PromptLengths = [.. blocks.SelectMany(b => b.PromptLengths)],
        ResponseLengths = [.. blocks.SelectMany(b => b.ResponseLengths)],
    };

    /// <summary>The rows as arrays.</summary>
    public IReadOnlyList<(int[] Prompt, int[] Response)> ToRows()
    {
        var ids = MemoryMarshal.Cast<byte, int>(Tokens);
        var rows = new (int[], int[])[Rows];
        var at = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (ids.Slice(at, PromptLengths[i]).ToArray(), ids.Slice(at + PromptLengths[i], ResponseLengths[i]).ToArray());
            at += PromptLengths[i] + ResponseLengths[i];
        }

        return rows;
    }
}

/// <summary>Numbers as raw bytes: arrays of floats are encoded element by element by the grain serializer, 5 times dearer.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.FloatBlock")]
public sealed record FloatBlock
{
    /// <summary>float32 little-endian, row-major.</summary>
    [Id(0)]
    public required byte[] Data { get; init; }

    /// <summary>Sizes; ragged per-token values are one dimension, row after row.</summary>
    [Id(1)]
    public required int[] Shape { get; init; }

    /// <summary>Number of elements.</summary>
    public int Count => Data.Length / sizeof(float);

    /// <summary>Builds a one-dimensional block.</summary>
    /// <param name="values">The numbers.</param>
    public static FloatBlock From(ReadOnlySpan<float> values) =>
        new() { Data = MemoryMarshal.AsBytes(values).ToArray(), Shape = [values.Length] };

    /// <summary>The numbers.</summary>
    public float[] ToArray() => MemoryMarshal.Cast<byte, float>(Data).ToArray();
}
