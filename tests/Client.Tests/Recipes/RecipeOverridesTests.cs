using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Client.Tests.Recipes;

public sealed class RecipeOverridesTests
{
    private const string Yaml = """
        model: { path: m }
        data: { sft: [a.jsonl], reward: [r.jsonl] }
        sft: { epochs: 2 }
        reward: {}
        """;

    [Fact]
    public void Parse_Overrides_WinOverTheFileAndAmongThemselvesTheLast()
    {
        var recipe = Parse("sft.epochs=5", "sft.epochs=6", "data.sft=[b.jsonl, c.jsonl]", "name=a=b");

        Assert.Equal(6, recipe.Sft!.Epochs);
        Assert.Equal(["/base/b.jsonl", "/base/c.jsonl"], recipe.Data.Sft);
        Assert.Equal("a=b", recipe.Name);
    }

    [Fact]
    public void Parse_OverrideOfAbsentGroup_MakesIt()
    {
        var recipe = Parse("ppo.optimizer.learningRate=1e-3", "ppo.iterations=4");

        Assert.Equal(1e-3, recipe.Ppo!.Optimizer.LearningRate);
        Assert.Equal(4, recipe.Ppo.Iterations);
    }

    [Fact]
    public void Parse_OverrideWithNull_TakesAStageOut() => Assert.Null(Parse("reward=null").Reward);

    [Theory]
    [InlineData("ppo.iterations", ErrorCodes.RecipeUnreadable, "expected key=value")]
    [InlineData("=5", ErrorCodes.RecipeUnreadable, "expected key=value")]
    [InlineData("sft.epoch=5", ErrorCodes.RecipeKeyUnknown, "Did you mean `epochs`?")]
    [InlineData("sft.epochs=many", ErrorCodes.RecipeValueType, "expected an integer, found `many`")]
    [InlineData("sft.epochs=", ErrorCodes.RecipeValueType, "found nothing")]
    [InlineData("sft.epochs=0", ErrorCodes.RecipeValueRange, "must be at least 1; it is 0")]
    [InlineData("sft.epochs=[1", ErrorCodes.RecipeUnreadable, "is not YAML")]
    public void Parse_WrongOverride_IsReportedAsSet(string set, string code, string message)
    {
        var problem = Assert.Single(Assert.Throws<ProblemException>(() => Parse(set)).Problems);

        Assert.Equal((code, "--set", (int?)null), (problem.Code, problem.File, problem.Line));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static Recipe Parse(params string[] sets) => RecipeReader.Parse(Yaml, "r.yaml", "/base", sets);
}
