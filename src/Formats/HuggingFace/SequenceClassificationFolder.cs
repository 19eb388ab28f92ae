using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Json;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>A reward model as an AutoModelForSequenceClassification folder with one label holds it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Config">What config.json says.</param>
/// <param name="Weights">Tensors by name, with the prefix <c>transformer.</c>, and <c>score.weight</c> (1, H).</param>
/// <param name="Tokenizer">What tokenizer.json describes; null where the folder has none.</param>
/// <param name="ContentHash">As <see cref="ModelFolder.ComputeContentHash"/>.</param>
public sealed record SequenceClassificationFolder(
    string Path,
    ModelConfig Config,
    IReadOnlyDictionary<string, TensorData> Weights,
    Tokenizer? Tokenizer,
    string ContentHash)
{
    /// <summary>Loads and checks a folder.</summary>
    /// <param name="path">Folder with config.json, model.safetensors (or shards) and, if it likes, tokenizer.json.</param>
    /// <exception cref="ProblemException">As <see cref="ModelFolder.Load"/>; <see cref="ErrorCodes.ModelUnsupported"/> also for
    /// more than one label.</exception>
    public static SequenceClassificationFolder Load(string path)
    {
        var files = ModelFiles.Find(path, tokenizerRequired: false);
        var config = ModelFolder.ReadConfig(path);
        CheckLabels(files.Path(ModelFiles.Config));
        var weights = BloomTensors.WithPrefix(files.ReadTensors());
        BloomTensors.Check(config, weights, withScore: true, path);
        var tokenizer = files.HasTokenizer ? ModelFolder.LoadTokenizer(files, config) : null;
        return new SequenceClassificationFolder(path, config, weights, tokenizer, files.Hash());
    }

    private static void CheckLabels(string file)
    {
        var root = JsonSection.Parse(ModelFiles.ReadBytes(file), file, ErrorCodes.ModelUnsupported);

        // transformers writes id2label only where there are not two labels, and num_labels never.
        var labels = root.Section("id2label")?.Element.EnumerateObject().Count() ?? root.Integer("num_labels") ?? 2;
        if (labels != 1)
        {
            throw root.Problem($"a reward model has one label; this one has {labels}", "id2label");
        }
    }
}
