using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>A causal language model as a Hugging Face folder holds it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Config">What config.json says.</param>
/// <param name="Weights">Tensors by name, all with the prefix <c>transformer.</c>; views of the mapped files.</param>
/// <param name="Tokenizer">What tokenizer.json describes.</param>
/// <param name="ContentHash">See <see cref="ComputeContentHash"/>.</param>
public sealed record ModelFolder(
    string Path,
    ModelConfig Config,
    IReadOnlyDictionary<string, TensorData> Weights,
    Tokenizer Tokenizer,
    string ContentHash)
{
    /// <summary>Loads and checks a folder.</summary>
    /// <param name="path">Folder with config.json, model.safetensors (or shards with their index) and tokenizer.json.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: the folder or files of it are not there, all are
    /// listed. <see cref="ErrorCodes.ModelDamaged"/>: a file is damaged. <see cref="ErrorCodes.ModelUnsupported"/>: another
    /// family than BLOOM. <see cref="ErrorCodes.ModelTensorMismatch"/>: tensors do not fit config.json.
    /// <see cref="ErrorCodes.TokenizerInvalid"/>: the tokenizer has ids beyond the vocabulary.</exception>
    public static ModelFolder Load(string path)
    {
        var files = ModelFiles.Find(path, tokenizerRequired: true);
        var config = ReadConfig(path);
        var weights = LoadWeights(path, config);
        var tokenizer = LoadTokenizer(files, config);
        return new ModelFolder(path, config, weights, tokenizer, files.Hash());
    }

    /// <summary>Loads and checks the weights alone.</summary>
    /// <param name="path">Folder with model.safetensors, or shards with their index, and config.json.</param>
    /// <param name="config">What the weights must fit.</param>
    /// <returns>Tensors by name, all with the prefix <c>transformer.</c></returns>
    /// <exception cref="ProblemException">As <see cref="Load"/>, less what concerns the tokenizer.</exception>
    public static IReadOnlyDictionary<string, TensorData> LoadWeights(string path, ModelConfig config)
    {
        var weights = BloomTensors.WithPrefix(ModelFiles.Find(path, tokenizerRequired: false).ReadTensors());
        BloomTensors.Check(config, weights, withScore: false, path);
        return weights;
    }

    /// <summary>SHA-256 over names, lengths and contents of config.json, the weights (with their index) and tokenizer.json, in
    /// ordinal order of the names: the identity a run records.</summary>
    /// <param name="path">The model folder.</param>
    /// <returns>64 lower-case hex digits.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: a file is not there or cannot be read.</exception>
    public static string ComputeContentHash(string path) => ModelFiles.Find(path, tokenizerRequired: true).Hash();

    /// <summary>SHA-256 of each of the files that <see cref="ComputeContentHash"/> covers, by name: which of them differ.</summary>
    /// <param name="path">The model folder.</param>
    /// <returns>64 lower-case hex digits for each file, in ordinal order of the names.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: a file is not there or cannot be read.</exception>
    public static Dictionary<string, string> HashFiles(string path) => ModelFiles.Find(path, tokenizerRequired: true).HashEach();

    /// <summary>Reads config.json.</summary>
    /// <param name="path">The model folder.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>, <see cref="ErrorCodes.ModelDamaged"/>: a value
    /// is missing or impossible, all are listed; <see cref="ErrorCodes.ModelUnsupported"/>: another family than BLOOM.</exception>
    public static ModelConfig ReadConfig(string path)
    {
        var file = System.IO.Path.Combine(path, ModelFiles.Config);
        return BloomConfigReader.Read(ModelFiles.ReadBytes(file), file);
    }

    internal static Tokenizer LoadTokenizer(ModelFiles files, ModelConfig config)
    {
        var file = files.Path(ModelFiles.Tokenizer);
        var tokenizer = Tokenizer.Load(file);
        if (tokenizer.VocabularySize > config.VocabularySize)
        {
            throw new ProblemException(
                ErrorCodes.TokenizerInvalid,
                $"the tokenizer has ids up to {tokenizer.VocabularySize - 1}, the model's vocabulary ends at "
                + $"{config.VocabularySize - 1}; tokenizer.json belongs to another model",
                file);
        }

        return tokenizer.TokenOf(config.EosTokenId) is not null
            ? tokenizer
            : throw new ProblemException(
                ErrorCodes.TokenizerInvalid,
                $"the tokenizer has no token {config.EosTokenId}, which config.json says ends an answer (eos_token_id); "
                + "tokenizer.json belongs to another model",
                file);
    }
}
