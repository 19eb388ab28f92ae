using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Json;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.Peft;

/// <summary>Writes folders that PEFT loads.</summary>
public static class PeftWriter
{
    /// <summary>The files of an adapter folder. Identical input gives identical bytes.</summary>
    /// <param name="config">The adapter's configuration.</param>
    /// <param name="tensors">Factors by PEFT's names, see <see cref="PeftFolder.Tensors"/>; for a reward model also
    /// <c>base_model.model.score.weight</c>.</param>
    /// <param name="card">What README.md states.</param>
    /// <returns>adapter_config.json, adapter_model.safetensors and README.md; paths relative to the folder.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelTensorMismatch"/>: tensors do not fit the
    /// configuration.</exception>
    public static IReadOnlyList<OutputFile> Build(
        AdapterConfig config, IEnumerable<TensorData> tensors, ModelCard card)
    {
        var byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        AdapterTensors.Check(config, byName, PeftFolder.TensorFile);
        var metadata = new Dictionary<string, string> { ["format"] = "pt" };
        return
        [
            new(PeftFolder.ConfigFile, Config(config)),
            new(PeftFolder.TensorFile, SafetensorsWriter.Parts(byName.Values, metadata)),
            new("README.md", ModelCardText.Write(card, "peft", config.HasScoreHead ? "text-classification" : "text-generation")),
        ];
    }

    // The keys every version of PEFT knows; newer ones have defaults for the rest.
    private static byte[] Config(AdapterConfig config) => JsonText.Write(new Dictionary<string, object?>
    {
        ["alpha_pattern"] = new Dictionary<string, int>(),
        ["auto_mapping"] = null,
        ["base_model_name_or_path"] = config.BaseModel,
        ["bias"] = "none",
        ["fan_in_fan_out"] = false,
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["layers_pattern"] = null,
        ["layers_to_transform"] = null,
        ["lora_alpha"] = config.Alpha,
        ["lora_dropout"] = config.Dropout,
        ["modules_to_save"] = config.HasScoreHead ? new[] { "score" } : null,
        ["peft_type"] = "LORA",
        ["r"] = config.Rank,
        ["rank_pattern"] = new Dictionary<string, int>(),
        ["revision"] = null,
        ["target_modules"] = config.TargetModules.Order(StringComparer.Ordinal).ToArray(),
        ["task_type"] = config.HasScoreHead ? "SEQ_CLS" : "CAUSAL_LM",
        ["use_dora"] = false,
        ["use_rslora"] = false,
    });
}
