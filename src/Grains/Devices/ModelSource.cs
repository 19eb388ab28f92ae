using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Safetensors;
using ClinicalGpt.Orleans.Formats.Tokenizers;
using ClinicalGpt.Orleans.Grains.Data;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>A base model as bytes.</summary>
/// <param name="Config">Dimensions.</param>
/// <param name="Weights">Weights by Hugging Face name.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
public sealed record ModelBytes(
    ModelConfig Config, IReadOnlyDictionary<string, TensorData> Weights, Tokenizer Tokenizer);

/// <summary>A base model made by a run: parts by hash. Its own hash is the model's content hash.</summary>
/// <param name="Config">Dimensions.</param>
/// <param name="WeightsHash">Safetensors blob.</param>
/// <param name="TokenizerHash">tokenizer.json blob.</param>
public sealed record BlobModel(ModelConfig Config, string WeightsHash, string TokenizerHash);

/// <summary>Reads models: folders, and models that runs have made and keep as blobs. Checks every hash.</summary>
/// <param name="blobs">Content-addressed bytes.</param>
public sealed class ModelSource(IBlobStore blobs)
{
    private const string BlobScheme = "blob:";

    /// <summary>Describes a folder's model by its content.</summary>
    /// <param name="path">Hugging Face folder.</param>
    /// <exception cref="ProblemException">CGPT3001 to CGPT3005: missing, damaged or unsupported.</exception>
    public static BaseModelReference Describe(string path) =>
        new() { Path = Path.GetFullPath(path), ContentHash = ModelFolder.ComputeContentHash(path), Files = ModelFolder.HashFiles(path) };

    /// <summary>Reads a base model.</summary>
    /// <param name="reference">Place and content hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT3006: the folder's content is not what the run was submitted with, one problem for each
    /// file. CGPT3001: the folder, or a file of it, is gone.</exception>
    public async Task<ModelBytes> ReadBaseAsync(BaseModelReference reference, CancellationToken cancellationToken)
    {
        if (reference.Path.StartsWith(BlobScheme, StringComparison.Ordinal))
        {
            return await ReadBlobModelAsync(reference.ContentHash, cancellationToken);
        }

        try
        {
            var folder = ModelFolder.Load(reference.Path);
            return folder.ContentHash == reference.ContentHash
                ? new ModelBytes(folder.Config, folder.Weights, folder.Tokenizer)
                : throw ModelChange.Describe(reference);
        }
        catch (ProblemException e) when (e.Problems[0].Code == ErrorCodes.ModelMissing)
        {
            throw ModelChange.Gone(reference, e);
        }
        catch (ProblemException e) when (e.Problems[0].Code != ErrorCodes.ModelChanged && ModelChange.IsChanged(reference))
        {
            // What makes no sense any more did so when the run was submitted: that it changed says more than how.
            throw ModelChange.Describe(reference);
        }
    }

    /// <summary>Reads what of a base model is needed to tokenise. Weights stay where they are.</summary>
    /// <param name="reference">Place and content hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT3006: the folder's content is not what the run was submitted with.</exception>
    public async Task<Vocabulary> ReadVocabularyAsync(BaseModelReference reference, CancellationToken cancellationToken)
    {
        if (!reference.Path.StartsWith(BlobScheme, StringComparison.Ordinal))
        {
            // A folder's weights are only mapped here, and its hash is checked.
            var folder = await ReadBaseAsync(reference, cancellationToken);
            return new Vocabulary(folder.Tokenizer, folder.Config);
        }

        var manifest = await ReadManifestAsync(reference.ContentHash, cancellationToken);
        return new Vocabulary(await ReadTokenizerAsync(manifest, cancellationToken), manifest.Config);
    }

    /// <summary>Stores a base model made by a run.</summary>
    /// <param name="config">Dimensions.</param>
    /// <param name="weights">Every weight.</param>
    /// <param name="tokenizerJson">tokenizer.json.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Its reference and the blobs a commit must name.</returns>
    public async Task<(BaseModelReference Reference, string[] Blobs)> StoreBaseAsync(
        ModelConfig config, IEnumerable<TensorData> weights, ReadOnlyMemory<byte> tokenizerJson, CancellationToken cancellationToken)
    {
        var weightsHash = await blobs.PutAsync(SafetensorsWriter.Write(weights), MediaTypes.Safetensors, cancellationToken);
        var tokenizerHash = await blobs.PutAsync(tokenizerJson, MediaTypes.Json, cancellationToken);
        var manifest = JsonSerializer.SerializeToUtf8Bytes(new BlobModel(config, weightsHash, tokenizerHash), RecipeJson.Options);
        var hash = await blobs.PutAsync(manifest, MediaTypes.Json, cancellationToken);
        return (new BaseModelReference { Path = BlobScheme + hash, ContentHash = hash }, [weightsHash, tokenizerHash, hash]);
    }

    /// <summary>Reads trained parameters.</summary>
    /// <param name="hash">Blob hash.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<TensorData>> ReadTensorsAsync(string hash, CancellationToken cancellationToken) =>
        SafetensorsReader.Read(await blobs.GetAsync(hash, cancellationToken), $"blob {hash[..12]}");

    /// <summary>Stores tensors.</summary>
    /// <param name="tensors">Named tensors.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Blob hash.</returns>
    public Task<string> StoreTensorsAsync(IEnumerable<TensorData> tensors, CancellationToken cancellationToken) =>
        blobs.PutAsync(SafetensorsWriter.Write(tensors), MediaTypes.Safetensors, cancellationToken);

    private async Task<ModelBytes> ReadBlobModelAsync(string hash, CancellationToken cancellationToken)
    {
        var manifest = await ReadManifestAsync(hash, cancellationToken);
        var weights = await ReadTensorsAsync(manifest.WeightsHash, cancellationToken);
        return new ModelBytes(manifest.Config, weights.ToDictionary(t => t.Name), await ReadTokenizerAsync(manifest, cancellationToken));
    }

    private async Task<BlobModel> ReadManifestAsync(string hash, CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize<BlobModel>((await blobs.GetAsync(hash, cancellationToken)).Span, RecipeJson.Options)
            ?? throw new ProblemException(ErrorCodes.BlobDamaged, $"blob {hash[..12]} is not a model manifest");

    private async Task<Tokenizer> ReadTokenizerAsync(BlobModel manifest, CancellationToken cancellationToken) =>
        Tokenizer.FromJson(await blobs.GetAsync(manifest.TokenizerHash, cancellationToken), $"blob {manifest.TokenizerHash[..12]}");
}

/// <summary>Media types of blobs.</summary>
public static class MediaTypes
{
    /// <summary>Named tensors.</summary>
    public const string Safetensors = "application/x-safetensors";

    /// <summary>JSON.</summary>
    public const string Json = "application/json";

    /// <summary>JSON lines.</summary>
    public const string JsonLines = "application/x-ndjson";
}
