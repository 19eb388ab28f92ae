using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;

namespace ClinicalGpt.Orleans.Grains.Training;

/// <summary>Makes the trainer of a stage: reads and tokenises its data set, once for each silo and run.</summary>
/// <param name="data">Imported data sets.</param>
/// <param name="device">For the base model and its tokenizer.</param>
public sealed class StageTrainerFactory(RunData data, DeviceHost device)
{
    private readonly ConcurrentDictionary<string, WeakReference<IStageTrainer>> _made = new();

    /// <summary>The trainer of a stage.</summary>
    /// <param name="stage">pretrain, sft, reward or reward-answer-only.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="recipeJson">The same as JSON.</param>
    /// <param name="model">The base model.</param>
    /// <param name="dataset">The stage's records.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT1005: no record fits the longest length.</exception>
    public async Task<IStageTrainer> CreateAsync(
        string stage, Recipe recipe, string recipeJson, BaseModelReference model, DatasetReference dataset, CancellationToken cancellationToken)
    {
        var key = $"{stage}/{dataset.Hash}/{model.ContentHash}/{RecipeJson.Hash(recipeJson)}";
        if (_made.TryGetValue(key, out var weak) && weak.TryGetTarget(out var known))
        {
            return known;
        }

        var loaded = await device.Models.GetBaseAsync(model);
        var records = await data.ReadAsync(dataset, cancellationToken);
        var trainer = Create(stage, recipe, loaded, records);
        if (trainer.TotalSteps == 0)
        {
            throw new ProblemException(
                ErrorCodes.DataTooSmall,
                $"data set {dataset.Name} has {records.Count} records, and none makes a row within data.maxLength {recipe.Data.MaxLength} tokens",
                key: "data.maxLength");
        }

        _made[key] = new(trainer);
        return trainer;
    }

    private static IStageTrainer Create(string stage, Recipe recipe, LoadedBase loaded, IReadOnlyList<ClinicalRecord> records)
    {
        var tokens = new RecordTokenizer(loaded.Tokenizer, loaded.Model.Config, recipe);
        if (stage == StageNames.Pretrain)
        {
            return new PretrainStageTrainer(recipe, TokenStream.Build(records, loaded.Tokenizer, loaded.Model.Config));
        }

        var most = stage == StageNames.Sft ? recipe.Sft!.MaxRows : recipe.Reward!.MaxRows;
        ClinicalRecord[] used = [.. records.Take(most ?? int.MaxValue)];
        if (stage == StageNames.Sft)
        {
            var pairs = tokens.Pairs(used);
            return new SftStageTrainer(recipe, pairs, used.Length - pairs.Count);
        }

        var comparisons = tokens.Comparisons(used, stage == StageNames.AnswerOnly);
        return new RewardStageTrainer(recipe, stage, comparisons, used.Length - comparisons.Count);
    }
}
