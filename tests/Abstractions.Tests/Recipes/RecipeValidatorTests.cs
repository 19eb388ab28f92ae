using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Recipes;

public sealed class RecipeValidatorTests
{
    private static readonly Recipe Good = new()
    {
        Name = "good",
        Model = new ModelOptions { Path = "/m" },
        Data = new DataOptions { Sft = ["s"], Reward = ["r"], Prompts = ["p"], Graph = "g", Pretrain = ["t"] },
        Sft = new SftOptions(),
        Reward = new RewardOptions(),
        Ppo = new PpoOptions(),
        Evaluate = new EvaluationOptions { Exact = new Dictionary<string, string> { ["dev"] = "d" } },
    };

    private static readonly OptimizerOptions Optimizer = new() { LearningRate = 1e-3 };

    [Fact]
    public void Validate_GoodRecipe_FindsNothing() => Assert.Empty(RecipeValidator.Validate(Good));

    /// <summary>One wrong value each: the recipe, and the key that must be named.</summary>
    public static TheoryData<string, Recipe> WrongValues() => new()
    {
        { "recipeVersion", Good with { RecipeVersion = 0 } },
        { "compute.threads", Good with { Compute = new ComputeOptions { Threads = 257 } } },
        { "data.heldOutShare", Good with { Data = Good.Data with { HeldOutShare = 0.51 } } },
        { "data.userTemplate", Good with { Data = Good.Data with { UserTemplate = "Q: " } } },
        { "data.sft", Good with { Data = Good.Data with { Sft = ["a", "a"] } } },
        { "model.sftPath", Good with { Model = Good.Model with { SftPath = "/s" } } },
        { "model.rewardPath", Good with { Model = Good.Model with { RewardPath = "/r" } } },
        { "model.create", Good with { Model = Good.Model with { Create = new NewModelOptions() } } },
        { "model.create.hiddenSize", Pretrained(new NewModelOptions { HiddenSize = 130 }) },
        { "model.create.vocabularySize", Pretrained(new NewModelOptions { VocabularySize = 299 }) },
        { "pretrain.windowTokens", Good with { Pretrain = new PretrainOptions { Optimizer = Optimizer, WindowTokens = 1 } } },
        { "sft.epochs", Good with { Sft = new SftOptions { Epochs = 0 } } },
        { "sft.batchSize", Good with { Sft = new SftOptions { BatchSize = 33 } } },
        { "sft.maxRows", Good with { Sft = new SftOptions { MaxRows = 0 } } },
        { "sft.adapter.mode", Good with { Sft = new SftOptions { Adapter = new AdapterOptions { Mode = "qlora" } } } },
        { "sft.adapter.dropout", Good with { Sft = new SftOptions { Adapter = new AdapterOptions { Dropout = 1 } } } },
        { "reward.adapter.targets", Good with { Reward = new RewardOptions { Adapter = new AdapterOptions { Targets = ["dense"] } } } },
        { "reward.adapter.rank", Good with { Reward = new RewardOptions { Adapter = new AdapterOptions { Rank = 4 } } } },
        { "reward.normalizationSamples", Good with { Reward = new RewardOptions { NormalizationSamples = 1 } } },
        { "ppo.optimizer.learningRate", WithPpo(new PpoOptions { Optimizer = new OptimizerOptions { LearningRate = double.NaN } }) },
        { "ppo.optimizer.schedule", WithPpo(new PpoOptions { Optimizer = Optimizer with { Schedule = "step" } }) },
        { "ppo.criticOptimizer.warmupRatio", WithPpo(new PpoOptions { CriticOptimizer = Optimizer with { WarmupRatio = 1 } }) },
        { "ppo.rolloutBatchSize", WithPpo(new PpoOptions { RolloutBatchSize = 33 }) },
        { "ppo.maxResponseTokens", WithPpo(new PpoOptions { MaxResponseTokens = 1024 }) },
        { "ppo.clipRange", WithPpo(new PpoOptions { ClipRange = 1 }) },
        { "ppo.gamma", WithPpo(new PpoOptions { Gamma = 1.1 }) },
        { "ppo.targetKlPerSequence", WithPpo(new PpoOptions { TargetKlPerSequence = 0 }) },
        { "ppo.temperature", WithPpo(new PpoOptions { Temperature = 0 }) },
        { "evaluate.maxCases", Good with { Evaluate = new EvaluationOptions { MaxCases = 0 } } },
        { "evaluate.exams.a b", Good with { Evaluate = new EvaluationOptions { Exams = new Dictionary<string, string> { ["a b"] = "f" } } } },
    };

    [Theory]
    [MemberData(nameof(WrongValues))]
    public void Validate_OneWrongValue_NamesItsKeyAndNothingElse(string key, Recipe recipe)
    {
        var problem = Assert.Single(RecipeValidator.Validate(recipe));

        Assert.Equal((ErrorCodes.RecipeValueRange, key), (problem.Code, problem.Key));
    }

    /// <summary>One missing thing each.</summary>
    public static TheoryData<string, Recipe> MissingKeys() => new()
    {
        { "model.path", Good with { Model = new ModelOptions { Path = " " } } },
        { "data.sft", Good with { Data = Good.Data with { Sft = [] } } },
        { "data.reward", Good with { Data = Good.Data with { Reward = [] } } },
        { "data.pretrain", Good with { Data = Good.Data with { Pretrain = [] }, Pretrain = new PretrainOptions { Optimizer = Optimizer } } },
        { "data.prompts", Good with { Reward = null, Model = Good.Model with { RewardPath = "/r" }, Data = new DataOptions { Sft = ["s"], Graph = "g" } } },
        { "data.graph", Good with { Data = Good.Data with { Graph = null } } },
        { "reward", Good with { Reward = null } },
        { "ppo.developmentSet", WithPpo(new PpoOptions { EvaluateEvery = 5 }) },
    };

    [Theory]
    [MemberData(nameof(MissingKeys))]
    public void Validate_OneKeyMissing_NamesIt(string key, Recipe recipe)
    {
        var problem = Assert.Single(RecipeValidator.Validate(recipe));

        Assert.Equal((ErrorCodes.RecipeKeyMissing, key), (problem.Code, problem.Key));
    }

    [Fact]
    public void Validate_NoStage_SaysSo()
    {
        var problem = Assert.Single(RecipeValidator.Validate(new Recipe { Model = Good.Model }));

        Assert.Equal(ErrorCodes.RecipeKeyMissing, problem.Code);
    }

    [Fact]
    public void Validate_NewerVersion_IsTooNew() => Assert.Equal(
        ErrorCodes.RecipeTooNew, Assert.Single(RecipeValidator.Validate(Good with { RecipeVersion = 2 })).Code);

    [Fact]
    public void Validate_SeveralMistakes_ReportsAll()
    {
        var recipe = Good with { Sft = new SftOptions { Epochs = 0, MicroBatchSize = 0 }, Ppo = new PpoOptions { ClipRange = 2 } };

        Assert.Equal(
            ["sft.epochs", "sft.microBatchSize", "ppo.clipRange"], RecipeValidator.Validate(recipe).Select(p => p.Key));
    }

    private static Recipe WithPpo(PpoOptions ppo) => Good with { Ppo = ppo };

    private static Recipe Pretrained(NewModelOptions create) => Good with
    {
        Model = Good.Model with { Create = create },
        Pretrain = new PretrainOptions { Optimizer = Optimizer },
    };
}
