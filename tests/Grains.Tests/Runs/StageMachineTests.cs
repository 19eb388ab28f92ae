using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

public sealed class StageMachineTests
{
    [Fact]
    public void Advance_IterationsLeft_StaysInTheStage()
    {
        var progress = new RunProgress { Stage = StageNames.Sft, Iteration = 1 };

        Assert.Same(progress, StageMachine.Advance(Tiny.Recipe(), progress, 2));
    }

    [Theory]
    [InlineData(StageNames.Data, StageNames.Sft)]
    [InlineData(StageNames.Sft, StageNames.Reward)]
    [InlineData(StageNames.Reward, StageNames.Ppo)]
    [InlineData(StageNames.Ppo, StageNames.Evaluate)]
    [InlineData(StageNames.Evaluate, StageNames.Done)]
    public void Advance_NoIterationLeft_GoesToTheNextStage(string stage, string next)
    {
        var advanced = StageMachine.Advance(Tiny.Recipe(), new RunProgress { Stage = stage, Iteration = 2, KlCoef = 0.5 }, 2);

        Assert.Equal((next, 0, 0.5), (advanced.Stage, advanced.Iteration, advanced.KlCoef));
    }

    [Fact]
    public void Advance_StagesAbsent_AreSkipped()
    {
        var recipe = Tiny.Recipe("sft=null", "ppo=null");

        Assert.Equal(StageNames.Reward, StageMachine.Advance(recipe, At(StageNames.Data), 1).Stage);
        Assert.Equal(StageNames.Evaluate, StageMachine.Advance(recipe, At(StageNames.Reward), 1).Stage);
    }

    [Fact]
    public void Advance_AnswerOnlyBaseline_FollowsTheRewardModel() => Assert.Equal(
        StageNames.AnswerOnly, StageMachine.Advance(Tiny.Recipe("reward.answerOnlyBaseline=true"), At(StageNames.Reward), 1).Stage);

    private static RunProgress At(string stage) => new() { Stage = stage, Iteration = 1 };
}
