namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <content>The stages that learn from rows, and evaluation.</content>
public static partial class RecipeValidator
{
    private static readonly string[] Schedules = ["constant", "linear", "cosine"];
    private static readonly string[] Modes = ["lora", "full"];
    private static readonly string[] AdapterTargets = ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"];

    private static void CheckPretrain(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Pretrain is not { } stage)
        {
            return;
        }

        CheckOptimizer(checks, "pretrain.optimizer", stage.Optimizer);
        checks.AtLeast("pretrain.epochs", stage.Epochs, 1);
        checks.AtLeast("pretrain.windowTokens", stage.WindowTokens, 2);
        checks.AtLeast("pretrain.batchSize", stage.BatchSize, 1);
        checks.AtLeast("pretrain.commitEvery", stage.CommitEvery, 1);
    }

    private static void CheckSft(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Sft is not { } stage)
        {
            return;
        }

        CheckAdapter(checks, "sft.adapter", stage.Adapter);
        CheckOptimizer(checks, "sft.optimizer", stage.Optimizer);
        CheckSteps(checks, "sft", stage.Epochs, stage.BatchSize, stage.MicroBatchSize, stage.CommitEvery, stage.MaxRows);
    }

    private static void CheckReward(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Reward is not { } stage)
        {
            return;
        }

        CheckAdapter(checks, "reward.adapter", stage.Adapter);
        CheckSameAdapter(recipe.Sft?.Adapter, stage.Adapter, checks);
        CheckOptimizer(checks, "reward.optimizer", stage.Optimizer);
        CheckSteps(checks, "reward", stage.Epochs, stage.BatchSize, stage.MicroBatchSize, stage.CommitEvery, stage.MaxRows);
        checks.AtLeast("reward.normalizationSamples", stage.NormalizationSamples, 2);
    }

    private static void CheckSameAdapter(AdapterOptions? sft, AdapterOptions reward, RecipeChecks checks)
    {
        if (sft is not { IsLora: true } || !reward.IsLora)
        {
            return;
        }

        const string Rule = "goes on from the SFT adapter, so must be as";
        checks.Require(
            reward.Rank == sft.Rank, "reward.adapter.rank", $"{Rule} sft.adapter.rank ({sft.Rank})", $"{reward.Rank}");
        checks.Require(
            reward.Alpha.Equals(sft.Alpha), "reward.adapter.alpha", $"{Rule} sft.adapter.alpha ({sft.Alpha})", $"{reward.Alpha}");
        checks.Require(
            reward.Targets.ToHashSet(StringComparer.Ordinal).SetEquals(sft.Targets),
            "reward.adapter.targets",
            $"{Rule} sft.adapter.targets [{string.Join(", ", sft.Targets)}]",
            $"[{string.Join(", ", reward.Targets)}]");
    }

    private static void CheckSteps(
        RecipeChecks checks, string stage, int epochs, int batchSize, int microBatchSize, int commitEvery, int? maxRows)
    {
        checks.AtLeast($"{stage}.epochs", epochs, 1);
        checks.AtLeast($"{stage}.batchSize", batchSize, 1);
        checks.AtLeast($"{stage}.microBatchSize", microBatchSize, 1);
        checks.MultipleOf($"{stage}.batchSize", batchSize, "the batch", microBatchSize, $"{stage}.microBatchSize");
        checks.AtLeast($"{stage}.commitEvery", commitEvery, 1);
        if (maxRows is { } rows)
        {
            checks.AtLeast($"{stage}.maxRows", rows, 1);
        }
    }

    private static void CheckOptimizer(RecipeChecks checks, string key, OptimizerOptions optimizer)
    {
        checks.Closed($"{key}.learningRate", optimizer.LearningRate, 0, 1);
        checks.HalfOpen($"{key}.beta1", optimizer.Beta1, 0, 1);
        checks.HalfOpen($"{key}.beta2", optimizer.Beta2, 0, 1);
        checks.Above($"{key}.epsilon", optimizer.Epsilon, 0);
        checks.Closed($"{key}.weightDecay", optimizer.WeightDecay, 0, 1);
        checks.Above($"{key}.maxGradNorm", optimizer.MaxGradNorm, 0);
        checks.HalfOpen($"{key}.warmupRatio", optimizer.WarmupRatio, 0, 1);
        checks.OneOf($"{key}.schedule", optimizer.Schedule, Schedules);
        checks.Closed($"{key}.finalRatio", optimizer.FinalRatio, 0, 1);
    }

    private static void CheckAdapter(RecipeChecks checks, string key, AdapterOptions adapter)
    {
        checks.OneOf($"{key}.mode", adapter.Mode, Modes);
        checks.AtLeast($"{key}.rank", adapter.Rank, 1);
        checks.Above($"{key}.alpha", adapter.Alpha, 0);
        checks.HalfOpen($"{key}.dropout", adapter.Dropout, 0, 1);
        checks.Require(
            !adapter.IsLora || adapter.Targets.Count > 0, $"{key}.targets", "must name at least one layer", "empty");
        var allowed = string.Join(", ", AdapterTargets);
        foreach (var target in adapter.Targets.Except(AdapterTargets, StringComparer.Ordinal))
        {
            checks.Require(false, $"{key}.targets", $"must be among {allowed}", $"`{target}`");
        }

        checks.Require(
            adapter.Targets.Distinct(StringComparer.Ordinal).Count() == adapter.Targets.Count,
            $"{key}.targets",
            "must name each layer once",
            $"[{string.Join(", ", adapter.Targets)}]");
    }

    private static void CheckEvaluation(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Evaluate is not { } stage)
        {
            return;
        }

        CheckSets(checks, "evaluate.exact", stage.Exact);
        CheckSets(checks, "evaluate.exams", stage.Exams);
        CheckSets(checks, "evaluate.dialogues", stage.Dialogues);
        CheckSets(checks, "evaluate.diagnosis", stage.Diagnosis);
        CheckSets(checks, "evaluate.rankings", stage.Rankings);
        checks.AtLeast("evaluate.maxCases", stage.MaxCases, 1);
        checks.AtLeast("evaluate.batchSize", stage.BatchSize, 1);
        checks.AtLeast("evaluate.maxResponseTokens", stage.MaxResponseTokens, 1);
        checks.Closed("evaluate.sharpenTemperature", stage.SharpenTemperature, 0, 10);
        checks.Given(
            stage.Exact.Count == 0 || recipe.Data.Graph is not null,
            "data.graph",
            "evaluate.exact checks answers against it.");
    }

    private static void CheckSets(RecipeChecks checks, string key, IReadOnlyDictionary<string, string> sets)
    {
        foreach (var (name, file) in sets)
        {
            checks.Require(
                name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'),
                $"{key}.{name}",
                "must have a name of 1 to 64 letters, digits, `-` or `_`",
                $"`{name}`");
            checks.Require(!string.IsNullOrWhiteSpace(file), $"{key}.{name}", "must name a file", "empty");
        }
    }
}
