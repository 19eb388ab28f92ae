using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Learning.Models;

namespace ClinicalGpt.Orleans.Learning.Tests;

public sealed class WorkspaceEstimateTests
{
    // H = 8, L = 2, 2 heads, V = 50.
    private static readonly ModelConfig Config = new() { ModelType = "bloom", VocabularySize = 50, HiddenSize = 8, Layers = 2, Heads = 2 };

    [Fact]
    public void Training_FullParameters_FollowsTheFormula()
    {
        var need = WorkspaceEstimate.Training(Config, isLora: false, trainedBytes: 1000, rows: 3, length: 5, logitRows: 6);

        // Forward 15 tokens x 8 x (19 x 2 + 3) = 4920; one block's gradients 15 x 8 x 19 = 2280; bias 2 heads x 5 x 5 = 50.
        Assert.Equal(4 * (4920 + 2280 + 50), need.Activations);
        Assert.Equal(4 * 6 * 50 * 4, need.Logits);
        Assert.Equal((0, 1000), (need.KvCache, need.Gradients));
    }

    [Fact]
    public void Training_LoraWithDropoutAndTemperature_AddsItsOutputsMasksAndScaledLogits()
    {
        var need = WorkspaceEstimate.Training(Config, isLora: true, trainedBytes: 10, rows: 3, length: 5, logitRows: 6, dropout: true, isScaled: true);

        // 15 x 8 x ((19 + 18 + 14) x 2 + 3) = 12600, and as above 2280 + 50.
        Assert.Equal(4 * (12600 + 2280 + 50), need.Activations);
        Assert.Equal(4 * 6 * 50 * 6, need.Logits);
    }

    [Fact]
    public void Generation_Prompts_HoldsTheCacheForTheLongestAnswers()
    {
        var need = WorkspaceEstimate.Generation(Config, rows: 3, promptTokens: 4, responseTokens: 6);

        // 3 rows x 10 slots x 8 x (2 x 2 layers + 1 while rows are left out); prompts 12 x 8 x 41, bias 3 rows x 2 x 4 x 4.
        Assert.Equal(4 * 3 * 10 * 8 * 5, need.KvCache);
        Assert.Equal(4 * ((12 * 8 * 41) + 96), need.Activations);
        Assert.Equal(4 * 3 * 50 * 4, need.Logits);
    }

    [Fact]
    public void Scoring_MoreRowsThanOnePassTakes_IsThatOfTheLargestPass()
    {
        var wide = Config with { VocabularySize = 4 << 20 };
        var row = (new[] { 1, 2 }, new[] { 3, 4 });

        // 32 M numbers at 4 M for each token are 8 tokens: two of these rows.
        var two = WorkspaceEstimate.Scoring(wide, isLora: false, SequenceBlock.From([row, row]), withLogits: true);
        var ten = WorkspaceEstimate.Scoring(wide, isLora: false, SequenceBlock.From([.. Enumerable.Repeat(row, 10)]), withLogits: true);

        Assert.Equal(two, ten);
        Assert.Equal(4L * 4 * (4 << 20) * 5, two.Logits);
        Assert.Equal(0, WorkspaceEstimate.Scoring(wide, isLora: false, SequenceBlock.From([row]), withLogits: false).Logits);
    }

    [Fact]
    public void OrAndAnd_TwoWorkspaces_TakeTheLargerAndTheSum()
    {
        var (a, b) = (new Workspace(1, 20, 3, 40), new Workspace(10, 2, 30, 4));

        Assert.Equal(new Workspace(10, 20, 30, 40), a.Or(b));
        Assert.Equal(new Workspace(11, 22, 33, 44), a.And(b));
        Assert.Equal(64, a.Total);
    }
}
