using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Client.Tests.Recipes;

public sealed class RecipeReaderTests
{
    private const string Minimal = """
        model:
          path: tiny
        data:
          sft: [sft.jsonl]
        sft: {}
        """;

    [Fact]
    public void Parse_MinimalRecipe_TakesDefaultsAndResolvesPaths()
    {
        var recipe = RecipeReader.Parse(Minimal, "my-run.yaml", "/recipes");

        Assert.Equal("my-run", recipe.Name);
        Assert.Equal(1, recipe.Seed);
        Assert.Equal("/recipes/tiny", recipe.Model.Path);
        Assert.Equal(["/recipes/sft.jsonl"], recipe.Data.Sft);
        Assert.Equal(5e-5, recipe.Sft!.Optimizer.LearningRate);
        Assert.Null(recipe.Ppo);
    }

    [Fact]
    public void Parse_EveryKindOfValue_IsBound()
    {
        var recipe = RecipeReader.Parse(
            """
            name: "123"
            seed: -7
            model: { path: /models/m, addBos: true, rewardPath: rm, sftPath: ../sft }
            data:
              prompts:
                - a.jsonl
                - /b.jsonl
              graph: g.jsonl
              userTemplate: "Q: {content}\n"
            ppo:
              targetKlPerSequence: 6.5
              maxApproxKl: null
              optimizer: { schedule: cosine }
              evaluateEvery: 10
              developmentSet: dev.jsonl
            evaluate:
              exact: { held-out: x.jsonl }
              sharpenTemperature: 5e-1
            """,
            "r.yaml",
            "/recipes/here");

        Assert.Equal("123", recipe.Name);
        Assert.Equal(-7, recipe.Seed);
        Assert.True(recipe.Model.AddBos);
        Assert.Equal("/recipes/here/rm", recipe.Model.RewardPath);
        Assert.Equal("/recipes/sft", recipe.Model.SftPath);
        Assert.Equal(["/recipes/here/a.jsonl", "/b.jsonl"], recipe.Data.Prompts);
        Assert.Equal("/recipes/here/g.jsonl", recipe.Data.Graph);
        Assert.Equal("Q: {content}\n", recipe.Data.UserTemplate);
        Assert.Equal(6.5, recipe.Ppo!.TargetKlPerSequence);
        Assert.Null(recipe.Ppo.MaxApproxKl);
        Assert.Equal("cosine", recipe.Ppo.Optimizer.Schedule);
        Assert.Equal(1e-5, recipe.Ppo.Optimizer.LearningRate);
        Assert.Equal("/recipes/here/dev.jsonl", recipe.Ppo.DevelopmentSet);
        Assert.Equal("/recipes/here/x.jsonl", recipe.Evaluate!.Exact["held-out"]);
        Assert.Equal(0.5, recipe.Evaluate.SharpenTemperature);
    }

    [Fact]
    public void Parse_ResultWrittenAsJson_ReadsBackEqual()
    {
        var json = RecipeJson.Write(RecipeReader.Parse(Minimal, "r.yaml", "/recipes"));

        Assert.Equal(json, RecipeJson.Write(RecipeJson.Read(json)));
    }

    [Fact]
    public void Parse_FiveMistakes_ReportsAllWithLineAndKey()
    {
        var problems = Problems("""
            model:
              path: tiny
              path: other
            data:
              sft: sft.jsonl
              reward: [r.jsonl]
            sft:
              epochs: fast
              learning_rate: 1e-3
            reward: {}
            ppo:
              clipRange: 1.5
            """);

        Assert.Equal(
            [
                (ErrorCodes.RecipeKeyDuplicate, 3, "model.path"),
                (ErrorCodes.RecipeValueType, 5, "data.sft"),
                (ErrorCodes.RecipeValueType, 8, "sft.epochs"),
                (ErrorCodes.RecipeKeyUnknown, 9, "sft.learning_rate"),
                (ErrorCodes.RecipeValueRange, 12, "ppo.clipRange"),
            ],
            problems.Select(p => (p.Code, p.Line ?? 0, p.Key!)));
        Assert.All(problems, p => Assert.Equal("r.yaml", p.File));
        Assert.Contains("expected an integer, found `fast`", problems[2].Message, StringComparison.Ordinal);
        Assert.Contains("(0, 1); it is 1.5", problems[4].Message, StringComparison.Ordinal);
        Assert.Equal("r.yaml:12: ppo.clipRange: CGPT2004: must be in (0, 1); it is 1.5.", problems[4].ToString());
    }

    [Theory]
    [InlineData("sfft: {}", "sfft", "Did you mean `sft`?")]
    [InlineData("Seed: 3", "Seed", "Did you mean `seed`?")]
    [InlineData("clipRange: 0.2", "clipRange", "Did you mean `ppo.clipRange`?")]
    [InlineData("zzz: 1", "zzz", "Keys here: recipeVersion, name, seed")]
    public void Parse_UnknownKey_NamesTheNearest(string line, string key, string suggestion)
    {
        var problem = Assert.Single(Problems(Minimal + "\n" + line));

        Assert.Equal((ErrorCodes.RecipeKeyUnknown, key, 6), (problem.Code, problem.Key, problem.Line));
        Assert.Contains(suggestion, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed: 1.5", "expected an integer, found `1.5`")]
    [InlineData("seed: 99999999999999999999", "expected an integer")]
    [InlineData("seed: \"1\"", "(quoted: a text)")]
    [InlineData("seed: [1]", "expected an integer, found a list")]
    [InlineData("seed:", "found nothing")]
    [InlineData("name: null", "expected a text, found `null`")]
    [InlineData("ppo:", "write `ppo: {}` for all defaults")]
    [InlineData("ppo: yes", "expected a group of keys, found `yes`")]
    [InlineData("evaluate: { exact: [a] }", "expected a group of `name: text`, found a list")]
    [InlineData("evaluate: { sharpenTemperature: .nan }", "expected a number, found `.nan`")]
    [InlineData("reward: { answerOnlyBaseline: maybe }", "expected true or false, found `maybe`")]
    public void Parse_WrongType_SaysWhatIsExpected(string line, string message)
    {
        var problem = Assert.Single(Problems(Minimal + "\n" + line), p => p.Code == ErrorCodes.RecipeValueType);

        Assert.Equal(6, problem.Line);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_RequiredKeysAbsent_NamesThemAtTheirGroup()
    {
        var problems = Problems("seed: 1\npretrain:\n  optimizer: { beta1: 0.9 }\ndata: { pretrain: [a] }");

        Assert.Equal(
            [(ErrorCodes.RecipeKeyMissing, "model", 1), (ErrorCodes.RecipeKeyMissing, "pretrain.optimizer.learningRate", 3)],
            problems.Select(p => (p.Code, p.Key!, p.Line ?? 0)));
    }

    [Fact]
    public void Parse_MissingKeyFoundByValidation_PointsAtItsGroup()
    {
        var problem = Assert.Single(Problems("model: { path: m }\ndata:\n  maxLength: 64\nsft: {}"));

        Assert.Equal((ErrorCodes.RecipeKeyMissing, "data.sft", 2), (problem.Code, problem.Key, problem.Line));
    }

    [Fact]
    public void Parse_NewerVersion_SaysOnlyThat()
    {
        var problem = Assert.Single(Problems("recipeVersion: 2\nnewKey: 1\nmodel: { path: m }"));

        Assert.Equal((ErrorCodes.RecipeTooNew, "recipeVersion", 1), (problem.Code, problem.Key, problem.Line));
    }

    [Theory]
    [InlineData("", "no keys")]
    [InlineData("- a\n- b", "holds a list where keys belong")]
    [InlineData("model: {path: m", "is not YAML")]
    [InlineData("a: &x 1\nb: *x", "uses the anchor &x")]
    [InlineData("a: *x", "uses the alias *x")]
    [InlineData("a: !!int 1", "uses the tag")]
    [InlineData("a: 1\n---\nb: 1", "second document")]
    public void Parse_NotARecipe_IsUnreadable(string yaml, string message)
    {
        var problem = Assert.Single(Problems(yaml));

        Assert.Equal(ErrorCodes.RecipeUnreadable, problem.Code);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadFile_Missing_SaysSo()
    {
        var e = Assert.Throws<ProblemException>(() => RecipeReader.ReadFile("/nowhere/none.yaml"));

        Assert.Equal("/nowhere/none.yaml: CGPT2001: does not exist; check the path.", e.Problems.Single().ToString());
    }

    private static Problem[] Problems(string yaml) =>
        Assert.Throws<ProblemException>(() => RecipeReader.Parse(yaml, "r.yaml", "/recipes")).Problems;
}
