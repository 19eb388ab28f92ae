using ClinicalGpt.Orleans.Abstractions.Determinism;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Clinical.Datasets;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Formats.Tokenizers;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>Finds out what a run starts from: a folder, a new model, an SFT or reward folder in place of a stage.</summary>
/// <param name="source">Models as bytes.</param>
/// <param name="device">For the weights of a new model.</param>
public sealed class BaseModelPreparation(ModelSource source, DeviceHost device)
{
    /// <summary>Checks and stores what the run starts from.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="sets">Imported sets; a new model's tokenizer is trained on the pretraining text.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The base model, the SFT and reward parameters given as folders, and blobs the commit must name.</returns>
    public async Task<(BaseModelReference Base, CheckpointReference? Sft, CheckpointReference? Reward, string[] Blobs)> PrepareAsync(
        Recipe recipe, IReadOnlyDictionary<string, ImportResult> sets, CancellationToken cancellationToken)
    {
        var blobs = new List<string>();
        BaseModelReference reference;
        ModelConfig config;
        CheckpointReference? sft = null;
        if (recipe.Model.Create is { } dimensions)
        {
            (reference, config, var made) = await CreateAsync(recipe, dimensions, sets[DataPlan.Pretrain], cancellationToken);
            blobs.AddRange(made);
        }
        else if (recipe.Model.SftPath is { } sftPath && !PeftFolder.IsPeftFolder(sftPath))
        {
            // A whole SFT model is simply the base: policy and reference start from it, and its adapter starts at zero.
            (reference, config) = Check(sftPath);
        }
        else
        {
            (reference, config) = Check(recipe.Model.Path);
            if (recipe.Model.SftPath is { } adapterPath)
            {
                sft = await StoreAdapterAsync(adapterPath, config, blobs, cancellationToken);
            }
        }

        var reward = recipe.Model.RewardPath is { } rewardPath
            ? await StoreRewardAsync(rewardPath, config, blobs, cancellationToken)
            : null;
        return (reference, sft, reward, [.. blobs]);
    }

    private static (BaseModelReference Reference, ModelConfig Config) Check(string path)
    {
        // Loading maps the weights and checks every header, so a damaged folder is refused before anything is allocated.
        var folder = ModelFolder.Load(path);
        var reference = new BaseModelReference
        {
            Path = Path.GetFullPath(path), ContentHash = folder.ContentHash, Files = ModelFolder.HashFiles(path),
        };
        return (reference, folder.Config);
    }

    private async Task<(BaseModelReference Reference, ModelConfig Config, string[] Blobs)> CreateAsync(
        Recipe recipe, NewModelOptions dimensions, ImportResult text, CancellationToken cancellationToken)
    {
        var tokenizerJson = BpeTrainer.Train(
            text.Records.Select(r => r.Prompt), new BpeTrainerOptions { VocabularySize = dimensions.VocabularySize });
        var config = new ModelConfig
        {
            ModelType = "bloom",
            VocabularySize = Tokenizer.FromJson(tokenizerJson, "trained tokenizer").VocabularySize,
            HiddenSize = dimensions.HiddenSize,
            Layers = dimensions.Layers,
            Heads = dimensions.Heads,
        };
        var weights = await device.Executor.RunAsync(
            "create model",
            recipe.Compute.Threads,
            () =>
            {
                using var model = BaseModel.CreateRandom(config, Seeds.Derive(recipe.Seed, "model/create"));
                return model.ToTensors();
            },
            cancellationToken);
        var (reference, made) = await source.StoreBaseAsync(config, weights, tokenizerJson, cancellationToken);
        return (reference, config, made);
    }

    private async Task<CheckpointReference> StoreAdapterAsync(
        string path, ModelConfig config, List<string> blobs, CancellationToken cancellationToken)
    {
        var peft = PeftFolder.Load(path);
        RequireFit(config, [.. peft.Tensors.Values], isLora: true, path, "model.sftPath");
        return await StoreAsync(peft.Tensors.Values, isLora: true, peft.Config.Scale, blobs, cancellationToken);
    }

    private async Task<CheckpointReference> StoreRewardAsync(
        string path, ModelConfig config, List<string> blobs, CancellationToken cancellationToken)
    {
        if (PeftFolder.IsPeftFolder(path))
        {
            var peft = PeftFolder.Load(path);
            if (!peft.Config.HasScoreHead)
            {
                throw new ProblemException(
                    ErrorCodes.ModelTensorMismatch, "the reward adapter holds no score.weight; save it with modules_to_save [score]", path, key: "model.rewardPath");
            }

            RequireFit(config, [.. peft.Tensors.Values], isLora: true, path, "model.rewardPath");
            return await StoreAsync(peft.Tensors.Values, isLora: true, peft.Config.Scale, blobs, cancellationToken);
        }

        var folder = SequenceClassificationFolder.Load(path);
        RequireFit(config, [.. folder.Weights.Values], isLora: false, path, "model.rewardPath");
        return await StoreAsync(folder.Weights.Values, isLora: false, 1.0, blobs, cancellationToken);
    }

    /// <summary>Shapes are compared with the base model's here, not when a silo first loads them, hours later.</summary>
    private static void RequireFit(ModelConfig config, IReadOnlyList<TensorData> tensors, bool isLora, string path, string key)
    {
        const int MostShown = 3;
        try
        {
            ParameterSet.RequireFit(config, tensors, isLora);
        }
        catch (ProblemException e)
        {
            var shown = e.Problems.Take(MostShown).Select(p => p with { File = path, Key = key }).ToList();
            if (e.Problems.Length > MostShown)
            {
                shown.Add(new Problem(ErrorCodes.ModelTensorMismatch, $"and {e.Problems.Length - MostShown} more tensors that do not fit", path, Key: key));
            }

            throw new ProblemException(shown);
        }
    }

    private async Task<CheckpointReference> StoreAsync(
        IEnumerable<TensorData> tensors, bool isLora, double scale, List<string> blobs, CancellationToken cancellationToken)
    {
        var hash = await source.StoreTensorsAsync(tensors, cancellationToken);
        blobs.Add(hash);
        return new CheckpointReference
        {
            Parameters = new ParameterReference { Hash = hash, IsLora = isLora, Scale = scale },
            OptimizerHash = "",
            OptimizerStep = 0,
        };
    }
}
