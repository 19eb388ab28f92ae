using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Client.Tests.Recipes;

public sealed class ShippedRecipeTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "recipes");

    public static TheoryData<string> Files() => new(Names());

    [Theory]
    [MemberData(nameof(Files))]
    public void ReadFile_ShippedRecipe_IsValidAndNamedAfterItsFile(string file)
    {
        var recipe = Read(file);

        Assert.Equal(Path.GetFileNameWithoutExtension(file), recipe.Name);
        Assert.Empty(RecipeValidator.Validate(recipe));
    }

    [Fact]
    public void Files_Shipped_AreTheFour() => Assert.Equal(
        ["clinicalgpt-bloom-7b.yaml", "micro.yaml", "pretrain-tiny.yaml", "quickstart.yaml"],
        Names());

    [Fact]
    public void ReadFile_ClinicalGpt_HasThePapersValues()
    {
        var recipe = Read("clinicalgpt-bloom-7b.yaml");

        Assert.Equal((5e-5, 128, 3), (recipe.Sft!.Optimizer.LearningRate, recipe.Sft.BatchSize, recipe.Sft.Epochs));
        Assert.Equal((2e-5, 128, 3), (recipe.Reward!.Optimizer.LearningRate, recipe.Reward.BatchSize, recipe.Reward.Epochs));
        Assert.Equal((1e-5, 4000), (recipe.Ppo!.Optimizer.LearningRate, recipe.Ppo.Iterations));
        Assert.Equal((8, 32.0, 0.1), (recipe.Sft.Adapter.Rank, recipe.Sft.Adapter.Alpha, recipe.Sft.Adapter.Dropout));
        Assert.Equal(1024, recipe.Data.MaxLength);
    }

    [Fact]
    public void ReadFile_Quickstart_RunsEveryStageButPretraining() =>
        Assert.Equal(["data", "sft", "reward", "ppo", "evaluate"], Read("quickstart.yaml").Stages());

    private static IEnumerable<string> Names() =>
        Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal);

    private static Recipe Read(string file) => RecipeReader.ReadFile(Path.Combine(Folder, file));
}
