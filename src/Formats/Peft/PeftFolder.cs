using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.Peft;

/// <summary>A LoRA adapter as a PEFT folder holds it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Config">What adapter_config.json says.</param>
/// <param name="Tensors">Factors by PEFT's names, for example
/// <c>base_model.model.transformer.h.0.self_attention.query_key_value.lora_A.weight</c> (r, in); views of the mapped file.</param>
public sealed record PeftFolder(string Path, AdapterConfig Config, IReadOnlyDictionary<string, TensorData> Tensors)
{
    internal const string ConfigFile = "adapter_config.json";
    internal const string TensorFile = "adapter_model.safetensors";

    /// <summary>Whether a folder holds an adapter rather than a model.</summary>
    /// <param name="path">The folder.</param>
    public static bool IsPeftFolder(string path) => File.Exists(System.IO.Path.Combine(path, ConfigFile));

    /// <summary>Loads and checks a folder.</summary>
    /// <param name="path">Folder with adapter_config.json and adapter_model.safetensors.</param>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelMissing"/>: the folder or files are not there, all are listed.
    /// <see cref="ErrorCodes.ModelUnsupported"/>: an option beyond plain LoRA, all are listed. <see cref="ErrorCodes.ModelDamaged"/>:
    /// a file is damaged. <see cref="ErrorCodes.ModelTensorMismatch"/>: tensors do not fit the configuration.</exception>
    public static PeftFolder Load(string path)
    {
        const string Holds = "an adapter folder holds adapter_config.json and adapter_model.safetensors";
        if (!Directory.Exists(path))
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"the folder does not exist; {Holds}", path);
        }

        string[] names = [ConfigFile, TensorFile];
        var missing = names.Where(name => !File.Exists(System.IO.Path.Combine(path, name))).ToList();
        if (missing.Count > 0)
        {
            throw new ProblemException(ErrorCodes.ModelMissing, $"missing: {string.Join(", ", missing)}; {Holds}", path);
        }

        var configPath = System.IO.Path.Combine(path, ConfigFile);
        var tensorPath = System.IO.Path.Combine(path, TensorFile);
        var config = AdapterConfigReader.Read(ModelFiles.ReadBytes(configPath), configPath);
        var tensors = SafetensorsReader.ReadFile(tensorPath);
        AdapterTensors.Check(config, tensors, tensorPath);
        return new PeftFolder(path, config, tensors);
    }
}
