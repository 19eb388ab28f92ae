using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Client.Tests.Recipes;

public sealed class RecipeReferenceTests
{
    [Fact]
    public void Render_CommittedReference_IsCurrent()
    {
        var path = Path.Combine(RepositoryRoot.Find(), "docs", "reference", "recipe.md");
        var rendered = RecipeReference.Render();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, rendered);
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == rendered,
            "docs/reference/recipe.md is not what the option records say; run the tests with UPDATE_DOCS=1 and commit it.");
    }

    [Fact]
    public void Render_KnownKeys_HaveTypeDefaultAndMeaning()
    {
        var page = RecipeReference.Render();

        Assert.Contains("## `ppo.optimizer`", page, StringComparison.Ordinal);
        Assert.Contains("| `clipRange` | number | `0.2` | Policy clip range, (0, 1). Default: 0.2. |", page, StringComparison.Ordinal);
        Assert.Contains("| `path` | text | **required** |", page, StringComparison.Ordinal);
        Assert.Contains("| `sft` | group | absent |", page, StringComparison.Ordinal);
        Assert.DoesNotContain("isLora", page, StringComparison.Ordinal);
    }
}
