using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Demo;

namespace ClinicalGpt.Orleans.Cli.Tests;

public sealed class DemoTests
{
    private const string Hash = "0123456789abcdef";

    [Fact]
    public void Choose_NoEarlierRun_StartsTheFirst() => Assert.Equal(("demo-01234567-1", false), DemoRunId.Choose([], Hash, false));

    [Theory]
    [InlineData(RunStatus.Running, false, "demo-01234567-2", true)]
    [InlineData(RunStatus.Paused, false, "demo-01234567-2", true)]
    [InlineData(RunStatus.Failed, false, "demo-01234567-2", true)]
    [InlineData(RunStatus.Completed, false, "demo-01234567-3", false)]
    [InlineData(RunStatus.Cancelled, false, "demo-01234567-3", false)]
    [InlineData(RunStatus.Running, true, "demo-01234567-3", false)]
    public void Choose_EarlierRuns_GoesOnWithTheLastUnfinishedOne(RunStatus last, bool fresh, string id, bool continues) => Assert.Equal(
        (id, continues),
        DemoRunId.Choose(
            [Run("demo-01234567-2", last), Run("demo-01234567-1", RunStatus.Running), Run("demo-ffffffff-9", RunStatus.Running)], Hash, fresh));

    [Fact]
    public void Find_RecipeAbove_IsFound()
    {
        var root = Directory.CreateTempSubdirectory("clinicalgpt-finder-");
        try
        {
            var recipe = Path.Combine(root.CreateSubdirectory("recipes").FullName, "quickstart.yaml");
            File.WriteAllText(recipe, "");

            Assert.Equal(recipe, RecipeFinder.Find(root.CreateSubdirectory("a/b").FullName));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    private static RunSummary Run(string id, RunStatus status) => new()
    {
        RunId = id,
        Name = "quickstart",
        Status = status,
        Stage = "ppo",
        Iteration = 0,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };
}
