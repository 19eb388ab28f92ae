using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Learning.Models;
using TorchSharp;

// Tensor work runs one test at a time, as it does in a silo.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace ClinicalGpt.Orleans.Learning.Tests;

/// <summary>Golden files of the reference implementations, and small models.</summary>
internal static class Fixtures
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static Dictionary<string, TensorData> Read(string name)
    {
        var bytes = File.ReadAllBytes(PathOf(name));
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
        var tensors = new Dictionary<string, TensorData>();
        foreach (var entry in json.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            var offsets = entry.Value.GetProperty("data_offsets");
            var (start, end) = (offsets[0].GetInt32(), offsets[1].GetInt32());
            var dtype = Enum.Parse<TensorDType>(entry.Value.GetProperty("dtype").GetString()!, ignoreCase: true);
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())];
            tensors[entry.Name] = new TensorData(entry.Name, dtype, shape, bytes.AsMemory(8 + header + start, end - start));
        }

        return tensors;
    }

    public static BaseModel Model(string folder) => BaseModel.FromTensors(Config(folder), Read($"{folder}/model.safetensors"));

    public static ModelConfig Config(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(PathOf($"{folder}/config.json")));
        var root = json.RootElement;
        return new ModelConfig
        {
            ModelType = "bloom",
            VocabularySize = root.GetProperty("vocab_size").GetInt32(),
            HiddenSize = root.GetProperty("hidden_size").GetInt32(),
            Layers = root.GetProperty("n_layer").GetInt32(),
            Heads = root.GetProperty("n_head").GetInt32(),
            LayerNormEpsilon = root.GetProperty("layer_norm_epsilon").GetDouble(),
            ResidualAfterLayerNorm = root.GetProperty("apply_residual_connection_post_layernorm").GetBoolean(),
        };
    }

    /// <summary>A model of 2 layers and 96 tokens for tests of behaviour.</summary>
    public static BaseModel Tiny(ulong seed = 5) => BaseModel.CreateRandom(
        new ModelConfig { ModelType = "bloom", VocabularySize = 96, HiddenSize = 32, Layers = 2, Heads = 4, InitializerRange = 0.15 }, seed);

    public static float[] Floats(this TensorData data) => MemoryMarshal.Cast<byte, float>(data.Data.Span).ToArray();

    public static long[] Longs(this TensorData data) => MemoryMarshal.Cast<byte, long>(data.Data.Span).ToArray();

    public static torch.Tensor LongTensor(this TensorData data) => torch.tensor(data.Longs(), data.Shape);

    public static torch.Tensor FloatTensor(this TensorData data) => torch.tensor(data.Floats(), data.Shape);

    /// <summary>Real tokens of each row of an (ids, mask) pair.</summary>
    public static int[][] RealTokens(TensorData ids, TensorData mask)
    {
        var (tokens, real, width) = (ids.Longs(), mask.Longs(), (int)ids.Shape[1]);
        return [.. Enumerable.Range(0, (int)ids.Shape[0]).Select(row => Enumerable.Range(row * width, width).Where(i => real[i] == 1).Select(i => (int)tokens[i]).ToArray())];
    }

    /// <summary>Rows of prompt and response with lengths and tokens drawn from a seed.</summary>
    public static SequenceBlock Sequences(int rows, int vocabulary, int seed = 11)
    {
        var random = new Random(seed);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(4, vocabulary))];
        return SequenceBlock.From([.. Enumerable.Range(0, rows).Select(_ => (Tokens(random.Next(2, 9)), Tokens(random.Next(1, 9))))]);
    }

    public static SequenceBlock PromptsOf(SequenceBlock block) => SequenceBlock.From([.. block.ToRows().Select(r => (r.Prompt, Array.Empty<int>()))]);

    public static void AssertClose(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        var worst = expected.Select((e, i) => Math.Abs((double)e - actual[i])).Select(d => double.IsNaN(d) ? double.MaxValue : d).DefaultIfEmpty(0).Max();
        Assert.True(worst <= tolerance, $"largest difference {worst:E3}, allowed {tolerance:E1}");
    }

    public static void AssertSameBytes(IReadOnlyList<TensorData> expected, IReadOnlyList<TensorData> actual)
    {
        Assert.Equal(expected.Select(t => t.Name), actual.Select(t => t.Name));
        Assert.All(expected.Zip(actual), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span), pair.First.Name));
    }
}
