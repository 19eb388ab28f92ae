using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Formats;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Runs;

namespace ClinicalGpt.Orleans.Grains.Exports;

/// <summary>Weights in the formats others load.</summary>
/// <param name="device">Merges adapters.</param>
/// <param name="store">For the metrics on the model card.</param>
public sealed class ModelExport(DeviceHost device, IRunStore store)
{
    /// <summary>The parameters an export asks for; null: the base model itself.</summary>
    /// <param name="scope">What to export.</param>
    /// <exception cref="ProblemException">CGPT4006: the run has no such parameters yet.</exception>
    public static ParameterReference? ParametersOf(ExportScope scope)
    {
        var progress = scope.Progress;
        return scope.Weights switch
        {
            "last" when progress.Ppo is { } ppo => ppo.Policy.Parameters,
            "last" => progress.Sft?.Parameters ?? (scope.Recipe.Sft is null ? null : throw Missing(scope, "trained parameters yet")),
            "best" => progress.Best ?? throw Missing(
                scope,
                scope.Recipe.Ppo is { EvaluateEvery: > 0, DevelopmentSet: not null } ppo
                    ? $"a best policy yet: it is measured every {ppo.EvaluateEvery} PPO iterations"
                    : "a best policy: set ppo.evaluateEvery and ppo.developmentSet"),
            "sft" => progress.Sft?.Parameters ?? throw Missing(scope, "SFT parameters"),
            _ => throw new ProblemException(ErrorCodes.SettingInvalid, $"weights must be last, best or sft; it is {scope.Weights}", key: "weights"),
        };
    }

    /// <summary>Policy with its adapter merged, as a Hugging Face folder.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> MergedAsync(ExportScope scope)
    {
        var (loaded, weights) = await MergeAsync(scope, ParametersOf(scope));
        return ModelFolderWriter.Build(
            loaded.Model.Config, weights, loaded.Tokenizer.Json.ToArray(), await CardAsync(scope, "Policy"), ModelArchitecture.CausalLanguageModel);
    }

    /// <summary>Reward model, merged, with its head: one label, sequence classification. Transformers' head has no bias; a
    /// bias moves every score alike, so it is left out.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> RewardModelAsync(ExportScope scope)
    {
        var reward = scope.Progress.Reward?.Parameters ?? throw Missing(scope, "a reward model");
        var (loaded, weights) = await MergeAsync(scope, reward);
        return ModelFolderWriter.Build(
            loaded.Model.Config, weights.Where(w => w.Name != "score.bias"), loaded.Tokenizer.Json.ToArray(), await RewardCardAsync(scope),
            ModelArchitecture.SequenceClassification);
    }

    /// <summary>Policy adapter as a PEFT folder.</summary>
    /// <param name="scope">What to export.</param>
    public async Task<IReadOnlyList<OutputFile>> AdapterAsync(ExportScope scope)
    {
        var parameters = ParametersOf(scope) is { IsLora: true } lora
            ? lora
            : throw new ProblemException(
                ErrorCodes.RunStateConflict, $"run {scope.Run.RunId} trained full weights, which are no adapter; export the huggingface format");
        var tensors = await device.Models.Source.ReadTensorsAsync(parameters.Hash, scope.Cancellation);
        return PeftWriter.Build(Describe(scope, parameters, tensors), tensors, await CardAsync(scope, "Policy adapter"));
    }

    /// <summary>From the tensors, not the recipe: an adapter that was given as a folder keeps its own rank and layers.</summary>
    private static AdapterConfig Describe(ExportScope scope, ParameterReference parameters, IReadOnlyList<TensorData> tensors)
    {
        const string FactorA = ".lora_A.weight";
        var factors = tensors.Where(t => t.Name.EndsWith(FactorA, StringComparison.Ordinal)).ToArray();
        var rank = (int)factors[0].Shape[0];
        return new AdapterConfig
        {
            Rank = rank,
            Alpha = parameters.Scale * rank,
            Dropout = (scope.Recipe.Sft?.Adapter ?? scope.Recipe.Ppo?.Adapter)?.Dropout ?? 0,
            TargetModules = [.. factors.Select(t => t.Name[..^FactorA.Length].Split('.')[^1]).Distinct()],
            BaseModel = scope.Progress.Base!.Path,
        };
    }

    private static ProblemException Missing(ExportScope scope, string what) =>
        new(ErrorCodes.RunStateConflict, $"run {scope.Run.RunId} does not have {what} (it stands at stage {scope.Progress.Stage})");

    private async Task<(LoadedBase Loaded, IReadOnlyList<TensorData> Weights)> MergeAsync(ExportScope scope, ParameterReference? parameters)
    {
        var loaded = await device.Models.GetBaseAsync(scope.Progress.Base!);
        var weights = await device.Models.RunAsync(
            $"{scope.Run.RunId} export",
            RunContext.Model(scope.Progress, parameters),
            scope.Recipe.Compute.Threads,
            DeviceNeed.None,
            (b, set) => set?.MergeInto(b.Model) ?? b.Model.ToTensors(),
            scope.Cancellation);
        return (loaded, weights);
    }

    private async Task<ModelCard> CardAsync(ExportScope scope, string title)
    {
        var last = (await store.GetIterationsAsync(scope.Run.RunId, StageNames.Ppo, 0, scope.Cancellation)).LastOrDefault();
        string[] shown = [MetricNames.Scores, MetricNames.Kl, MetricNames.DevExact];
        return new ModelCard
        {
            Title = $"{title} of run {scope.Run.RunId}",
            RunId = scope.Run.RunId,
            RecipeName = scope.Recipe.Name,
            Base = $"{Path.GetFileName(scope.Progress.Base!.Path)} ({scope.Progress.Base.ContentHash[..12]})",
            Stages = scope.Recipe.Stages(),
            Metrics = last is null ? [] : [.. last.Metrics.Where(m => shown.Contains(m.Key))],
        };
    }

    /// <summary>What a user of the scores needs: how well they rank, and the constants PPO normalised them with.</summary>
    private async Task<ModelCard> RewardCardAsync(ExportScope scope)
    {
        var ranking = (await store.GetEvaluationsAsync(scope.Run.RunId, scope.Cancellation)).FirstOrDefault(e => e.Name == "reward/ranking/heldout");
        var metrics = new List<KeyValuePair<string, double>>();
        if (ranking is not null)
        {
            metrics.Add(new("share of held-out comparisons ranked as given", ranking.Values["accuracy"]));
        }

        if (scope.Progress.Normalization is { } constants)
        {
            metrics.AddRange([new("mean of the raw score on SFT answers", constants.Mean), new("standard deviation of the raw score", constants.Std)]);
        }

        return await CardAsync(scope, "Reward model") with { Metrics = metrics };
    }
}
