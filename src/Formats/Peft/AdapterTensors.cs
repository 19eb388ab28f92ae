using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Formats.Peft;

/// <summary>Checks an adapter's tensors against its configuration.</summary>
internal static class AdapterTensors
{
    private const string Prefix = "base_model.model.";
    private const string FactorA = ".lora_A.weight";
    private const string FactorB = ".lora_B.weight";
    private const string Score = "base_model.model.score.weight";

    /// <summary>Every A (r, in) has its B (out, r), on a layer the configuration names; a head is there if announced.</summary>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelTensorMismatch"/>, one problem for each tensor.</exception>
    public static void Check(AdapterConfig config, IReadOnlyDictionary<string, TensorData> tensors, string file)
    {
        var problems = new List<Problem>();
        foreach (var tensor in tensors.Values.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            if (Wrong(config, tensors, tensor) is { } message)
            {
                problems.Add(new Problem(
                    ErrorCodes.ModelTensorMismatch, $"tensor '{tensor.Name}' {message}", file, null, tensor.Name));
            }
        }

        foreach (var module in config.TargetModules)
        {
            if (!tensors.Keys.Any(name => name.EndsWith($".{module}{FactorA}", StringComparison.Ordinal)))
            {
                problems.Add(new Problem(
                    ErrorCodes.ModelTensorMismatch, $"there is no adapter for layer '{module}', which target_modules names", file));
            }
        }

        if (config.HasScoreHead && !tensors.ContainsKey(Score))
        {
            problems.Add(new Problem(
                ErrorCodes.ModelTensorMismatch, $"tensor '{Score}' is missing; modules_to_save names it", file, null, Score));
        }

        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }
    }

    private static string? Wrong(AdapterConfig config, IReadOnlyDictionary<string, TensorData> tensors, TensorData tensor)
    {
        if (tensor.Name == Score && config.HasScoreHead)
        {
            return tensor.Shape is [1, _] ? null : "must have shape (1, H)";
        }

        var isA = tensor.Name.EndsWith(FactorA, StringComparison.Ordinal);
        var isB = tensor.Name.EndsWith(FactorB, StringComparison.Ordinal);
        if (!tensor.Name.StartsWith(Prefix, StringComparison.Ordinal) || !(isA || isB))
        {
            return $"is no LoRA factor: its name must be {Prefix}LAYER{FactorA} or {Prefix}LAYER{FactorB}";
        }

        var layer = tensor.Name[..^FactorA.Length];
        if (!config.TargetModules.Any(module => layer.EndsWith("." + module, StringComparison.Ordinal)))
        {
            return $"is on a layer that target_modules does not name ({string.Join(", ", config.TargetModules)})";
        }

        if (tensor.Shape.Length != 2 || tensor.Shape[isA ? 0 : 1] != config.Rank)
        {
            return $"has shape [{string.Join(", ", tensor.Shape)}]; r is {config.Rank}";
        }

        return tensors.ContainsKey(layer + (isA ? FactorB : FactorA)) ? null : $"lacks its {(isA ? "lora_B" : "lora_A")}";
    }
}
