namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <content>PPO and what it needs of other stages.</content>
public static partial class RecipeValidator
{
    private static void CheckPpo(Recipe recipe, RecipeChecks checks)
    {
        if (recipe.Ppo is not { } ppo)
        {
            return;
        }

        checks.Given(
            recipe.Reward is not null || recipe.Model.RewardPath is not null,
            "reward",
            "ppo needs scores; add a reward stage, or name a reward model in model.rewardPath.");
        CheckOptimizer(checks, "ppo.optimizer", ppo.Optimizer);
        CheckOptimizer(checks, "ppo.criticOptimizer", ppo.CriticOptimizer);
        CheckAdapter(checks, "ppo.adapter", ppo.Adapter);
        CheckRollout(recipe, ppo, checks);
        CheckLearning(ppo, checks);
        CheckDevelopment(recipe, ppo, checks);
    }

    private static void CheckRollout(Recipe recipe, PpoOptions ppo, RecipeChecks checks)
    {
        checks.AtLeast("ppo.iterations", ppo.Iterations, 1);
        checks.AtLeast("ppo.rolloutBatchSize", ppo.RolloutBatchSize, 1);
        checks.AtLeast("ppo.samplesPerPrompt", ppo.SamplesPerPrompt, 1);
        checks.AtLeast("ppo.chunkSize", ppo.ChunkSize, 1);
        checks.AtLeast("ppo.maxResponseTokens", ppo.MaxResponseTokens, 1);
        checks.Require(
            ppo.MaxResponseTokens < 1 || ppo.MaxResponseTokens < recipe.Data.MaxLength,
            "ppo.maxResponseTokens",
            $"must leave room for the prompt, so be below data.maxLength ({recipe.Data.MaxLength})",
            $"{ppo.MaxResponseTokens}");
        checks.Above("ppo.temperature", ppo.Temperature, 0);
        checks.Within("ppo.workers", ppo.Workers, 0, 4096);
    }

    private static void CheckLearning(PpoOptions ppo, RecipeChecks checks)
    {
        checks.AtLeast("ppo.ppoEpochs", ppo.PpoEpochs, 1);
        checks.AtLeast("ppo.minibatchSize", ppo.MinibatchSize, 1);
        checks.MultipleOf(
            "ppo.rolloutBatchSize",
            Math.Max(0L, ppo.RolloutBatchSize) * Math.Max(0, ppo.SamplesPerPrompt),
            "times samplesPerPrompt",
            ppo.MinibatchSize,
            "ppo.minibatchSize");
        checks.Closed("ppo.klCoef", ppo.KlCoef, 0, 1000);
        if (ppo.TargetKlPerSequence is { } target)
        {
            checks.Above("ppo.targetKlPerSequence", target, 0);
        }

        checks.AtLeast("ppo.klHorizonSequences", ppo.KlHorizonSequences, 1);
        checks.Closed("ppo.gamma", ppo.Gamma, 0, 1);
        checks.Closed("ppo.gaeLambda", ppo.GaeLambda, 0, 1);
        checks.Open("ppo.clipRange", ppo.ClipRange, 0, 1);
        checks.Above("ppo.clipRangeValue", ppo.ClipRangeValue, 0);
        checks.Above("ppo.scoreClip", ppo.ScoreClip, 0);
        checks.Require(
            double.IsFinite(ppo.MissingEosScore), "ppo.missingEosScore", "must be a finite number", $"{ppo.MissingEosScore}");
        if (ppo.MaxApproxKl is { } most)
        {
            checks.Above("ppo.maxApproxKl", most, 0);
        }
    }

    private static void CheckDevelopment(Recipe recipe, PpoOptions ppo, RecipeChecks checks)
    {
        checks.AtLeast("ppo.evaluateEvery", ppo.EvaluateEvery, 0);
        checks.AtLeast("ppo.evaluateCases", ppo.EvaluateCases, 1);
        if (ppo.EvaluateEvery > 0)
        {
            checks.Given(
                !string.IsNullOrWhiteSpace(ppo.DevelopmentSet),
                "ppo.developmentSet",
                $"ppo.evaluateEvery ({ppo.EvaluateEvery}) measures on it; name a file, or set evaluateEvery to 0.");
            checks.Given(recipe.Data.Graph is not null, "data.graph", "ppo.evaluateEvery checks answers against it.");
        }
    }
}
