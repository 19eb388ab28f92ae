using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Json;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>Which files of a folder make the model.</summary>
internal sealed class ModelFiles
{
    public const string Config = "config.json";
    public const string Weights = "model.safetensors";
    public const string WeightsIndex = "model.safetensors.index.json";
    public const string Tokenizer = "tokenizer.json";

    private const string WhatAFolderHolds =
        "a model folder holds config.json, model.safetensors (or model.safetensors.index.json with its shards) and tokenizer.json";

    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, string>? _shardOfTensor;

    private ModelFiles(string folder, IReadOnlyList<string> weights, IReadOnlyDictionary<string, string>? shardOfTensor)
    {
        _folder = folder;
        WeightFiles = weights;
        _shardOfTensor = shardOfTensor;
    }

    /// <summary>The safetensors files, by name within the folder, in ordinal order.</summary>
    public IReadOnlyList<string> WeightFiles { get; }

    /// <summary>Whether there is a tokenizer.json.</summary>
    public bool HasTokenizer => File.Exists(Path(Tokenizer));

    /// <summary>Finds the files, and reports all that are missing at once.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizerRequired">Whether a missing tokenizer.json counts.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/> or <see cref="ErrorCodes.ModelDamaged"/>.</exception>
    public static ModelFiles Find(string folder, bool tokenizerRequired)
    {
        if (!Directory.Exists(folder))
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"the folder does not exist; {WhatAFolderHolds}", folder);
        }

        bool Exists(string name) => File.Exists(System.IO.Path.Combine(folder, name));
        var missing = new List<string>();
        if (!Exists(Config))
        {
            missing.Add(Config);
        }

        List<string> weights = [Weights];
        IReadOnlyDictionary<string, string>? shardOfTensor = null;
        if (!Exists(Weights) && Exists(WeightsIndex))
        {
            shardOfTensor = ReadIndex(System.IO.Path.Combine(folder, WeightsIndex));
            weights = [.. shardOfTensor.Values.Distinct().Order(StringComparer.Ordinal)];
        }

        missing.AddRange(weights.Where(name => !Exists(name)));
        if (tokenizerRequired && !Exists(Tokenizer))
        {
            missing.Add(Tokenizer);
        }

        if (missing.Count > 0)
        {
            var hint = Directory.EnumerateFiles(folder, "pytorch_model*.bin").Any()
                ? "; pytorch_model.bin is not read: save the model as safetensors"
                : "";
            throw new ProblemException(
                ErrorCodes.ModelMissing, $"missing: {string.Join(", ", missing)}; {WhatAFolderHolds}{hint}", folder);
        }

        return new ModelFiles(folder, weights, shardOfTensor);
    }

    /// <summary>A file's full path.</summary>
    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    /// <summary>All tensors of all shards.</summary>
    public IReadOnlyList<TensorData> ReadTensors()
    {
        var tensors = new List<TensorData>();
        foreach (var name in WeightFiles)
        {
            var shard = SafetensorsReader.ReadFile(Path(name));
            if (_shardOfTensor is null)
            {
                tensors.AddRange(shard.Values);
                continue;
            }

            foreach (var tensor in _shardOfTensor.Where(pair => pair.Value == name).Select(pair => pair.Key))
            {
                tensors.Add(shard.TryGetValue(tensor, out var data)
                    ? data
                    : throw new ProblemException(
                        ErrorCodes.ModelDamaged, $"{WeightsIndex} says this file holds tensor '{tensor}'; it does not", Path(name)));
            }
        }

        return tensors;
    }

    /// <summary>SHA-256 of each file by its name, ordinal order; lower-case hex.</summary>
    public Dictionary<string, string> HashEach()
    {
        var hashes = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Names())
        {
            try
            {
                using var stream = File.OpenRead(Path(name));
                hashes[name] = Convert.ToHexStringLower(SHA256.HashData(stream));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProblemException(ErrorCodes.ModelMissing, $"the file cannot be read: {e.Message}", Path(name));
            }
        }

        return hashes;
    }

    /// <summary>SHA-256 over name, length and content of each file, in ordinal order of the names; lower-case hex.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        foreach (var name in Names())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            try
            {
                using var stream = File.OpenRead(Path(name));
                BinaryPrimitives.WriteInt64LittleEndian(buffer, stream.Length);
                hash.AppendData(buffer, 0, sizeof(long));
                for (int read; (read = stream.Read(buffer)) > 0;)
                {
                    hash.AppendData(buffer, 0, read);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ProblemException(ErrorCodes.ModelMissing, $"the file cannot be read: {e.Message}", Path(name));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads a small file.</summary>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: it is not there or cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"the file cannot be read: {e.Message}", path);
        }
    }

    private IEnumerable<string> Names()
    {
        List<string> names = [Config, .. WeightFiles];
        if (_shardOfTensor is not null)
        {
            names.Add(WeightsIndex);
        }

        if (HasTokenizer)
        {
            names.Add(Tokenizer);
        }

        return names.Order(StringComparer.Ordinal);
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        var root = JsonSection.Parse(ReadBytes(path), path, ErrorCodes.ModelDamaged);
        var map = root.Section("weight_map") ?? throw root.Problem("is missing", "weight_map");
        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.Element.EnumerateObject())
        {
            var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (shard.Length == 0 || shard is "." or ".." || System.IO.Path.GetFileName(shard) != shard)
            {
                throw map.Problem("must be the name of a file in this folder", entry.Name);
            }

            shards[entry.Name] = shard;
        }

        return shards;
    }
}
