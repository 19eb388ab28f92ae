using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.Peft;

/// <summary>Reads adapter_config.json and turns away what plain LoRA is not.</summary>
internal static class AdapterConfigReader
{
    // Options that change what the tensors mean. Null, false, an empty list and an empty object mean: not used.
    private static readonly string[] MustBeUnused =
    [
        "alora_invocation_tokens", "alpha_pattern", "exclude_modules", "fan_in_fan_out", "layer_replication", "layers_pattern",
        "layers_to_transform", "lora_bias", "rank_pattern", "target_parameters", "trainable_token_indices", "use_bdlora",
        "use_dora", "use_qalora", "use_rslora",
    ];

    // Initialisations that also change the base model's weights.
    private static readonly string[] InitialisationsOfBase = ["pissa", "olora", "loftq", "corda", "lora_ga"];

    /// <summary>Reads and checks a configuration.</summary>
    public static AdapterConfig Read(ReadOnlyMemory<byte> json, string file)
    {
        var root = JsonSection.Parse(json, file, ErrorCodes.ModelDamaged);
        var problems = new List<Problem>();
        CheckSupported(root, problems);
        var modules = Modules(root, problems);
        var saved = root.Strings("modules_to_save");
        if (saved.Any(module => module is not "score"))
        {
            Unsupported(root, problems, "modules_to_save", $"'{string.Join(", ", saved)}' is not supported; only score is");
        }

        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        var rank = root.Required("r", root.Integer("r"));
        var dropout = root.Number("lora_dropout") ?? 0;
        if (rank < 1)
        {
            throw root.Problem($"must be at least 1; it is {rank}", "r");
        }

        if (dropout is not (>= 0 and < 1))
        {
            throw root.Problem($"must be in [0, 1); it is {dropout}", "lora_dropout");
        }

        return new AdapterConfig
        {
            Rank = rank,
            Alpha = root.Required("lora_alpha", root.Number("lora_alpha")),
            Dropout = dropout,
            TargetModules = modules,
            BaseModel = root.Text("base_model_name_or_path") ?? "",
            HasScoreHead = saved.Count > 0,
        };
    }

    private static void CheckSupported(JsonSection root, List<Problem> problems)
    {
        var type = root.Text("peft_type");
        if (type != "LORA")
        {
            Unsupported(root, problems, "peft_type", $"'{type ?? "(none)"}' is not supported; supported: LORA");
        }

        if ((root.Text("bias") ?? "none") != "none")
        {
            Unsupported(root, problems, "bias", $"'{root.Text("bias")}' is not supported; supported: none");
        }

        foreach (var name in MustBeUnused)
        {
            if (root.TryGet(name, out var value) && IsUsed(value))
            {
                Unsupported(root, problems, name, $"{value.GetRawText()} is not supported; only plain LoRA is");
            }
        }

        if (root.TryGet("init_lora_weights", out var how) && how.ValueKind == JsonValueKind.String
            && InitialisationsOfBase.Any(name => how.GetString()!.StartsWith(name, StringComparison.OrdinalIgnoreCase)))
        {
            Unsupported(root, problems, "init_lora_weights", $"'{how.GetString()}' changes the base model and is not supported");
        }
    }

    private static IReadOnlyList<string> Modules(JsonSection root, List<Problem> problems)
    {
        if (root.TryGet("target_modules", out var value) && value.ValueKind == JsonValueKind.String)
        {
            Unsupported(root, problems, "target_modules", "a pattern is not supported; give a list of layer names");
            return [];
        }

        var modules = root.Strings("target_modules");
        if (modules.Count == 0)
        {
            problems.AddRange(root.Problem("must name at least one layer", "target_modules").Problems);
        }

        // PEFT keeps a set: its order in the file means nothing.
        return [.. modules.Order(StringComparer.Ordinal)];
    }

    private static bool IsUsed(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False => false,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };

    private static void Unsupported(JsonSection root, List<Problem> problems, string key, string message) =>
        problems.AddRange(root.Problem(message, key, ErrorCodes.ModelUnsupported).Problems);
}
