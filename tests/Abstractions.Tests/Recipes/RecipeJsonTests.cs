using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Recipes;

public sealed class RecipeJsonTests
{
    private static readonly Recipe Recipe = new()
    {
        Name = "n",
        Model = new ModelOptions { Path = "/m" },
        Data = new DataOptions { Sft = ["/s"] },
        Sft = new SftOptions { MaxRows = 5 },
    };

    [Fact]
    public void Read_OfWrite_WritesTheSame()
    {
        var json = RecipeJson.Write(Recipe);

        var back = RecipeJson.Read(json);

        Assert.Equal(json, RecipeJson.Write(back));
        Assert.Equal(5, back.Sft!.MaxRows);
    }

    [Fact]
    public void Hash_OneValueChanged_IsAnother() => Assert.NotEqual(
        RecipeJson.Hash(RecipeJson.Write(Recipe)), RecipeJson.Hash(RecipeJson.Write(Recipe with { Seed = 2 })));

    [Theory]
    [InlineData("null", ErrorCodes.RecipeUnreadable)]
    [InlineData("{", ErrorCodes.RecipeUnreadable)]
    [InlineData("{}", ErrorCodes.RecipeUnreadable)]
    [InlineData("{\"recipeVersion\":2,\"model\":{\"path\":\"m\"}}", ErrorCodes.RecipeTooNew)]
    public void Read_NotOurRecipe_SaysWhy(string json, string code) =>
        Assert.Equal(code, Assert.Throws<ProblemException>(() => RecipeJson.Read(json)).Problems.Single().Code);
}
