using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Grains.Runs;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class OtherStagesTests(ClusterFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pretrain_NewModel_CompletesAndExports()
    {
        var text = _folder.File("pretrain.jsonl");
        await File.WriteAllLinesAsync(text, File.ReadLines(Tiny.File("sft.jsonl")).Select(l => JsonSerializer.Serialize(
            new { text = JsonDocument.Parse(l).RootElement.GetProperty("completion").GetString() + " insulin, shock and dehydration" })));
        var recipe = Tiny.Training(
            "sft=null", "reward=null", "ppo=null", $"data.pretrain=[{text}]", "model.create={vocabularySize: 320, hiddenSize: 16, layers: 1, heads: 2}",
            "pretrain={optimizer: {learningRate: 0.01}, windowTokens: 16, batchSize: 8, commitEvery: 2}");

        var snapshot = await fixture.RunAsync("pretrain", recipe);
        var again = await fixture.RunAsync("pretrain-again", recipe);

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.Equal(snapshot.FinalHash, again.FinalHash);
        var target = _folder.File("model");
        await fixture.Client.GetRun("pretrain").ExportAsync(ExportFormat.HuggingFace, target);
        Assert.Equal(16, ModelFolder.Load(target).Config.HiddenSize);
    }

    [Fact]
    public async Task Ppo_MeasuringDevelopmentExactness_KeepsABestPolicyThatExports()
    {
        var snapshot = await fixture.RunAsync("development", Tiny.Training("ppo.evaluateEvery=1", "ppo.evaluateCases=4", "ppo.iterations=2"));
        var progress = await fixture.ProgressAsync("development");
        var iterations = await fixture.Runs.GetIterationsAsync("development", StageNames.Ppo, 0, CancellationToken.None);

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.All(iterations, i => Assert.InRange(i.Metrics[MetricNames.DevExact], 0, 1));
        Assert.All(iterations, i => Assert.True(i.Metrics.ContainsKey(DevelopmentCheck.Alarm)));
        Assert.InRange(progress.BestIteration, 0, 1);
        Assert.Equal(iterations.Max(i => i.Metrics[MetricNames.DevExact]), progress.BestExact);
        var target = _folder.File("best");
        await fixture.Client.GetRun("development").ExportAsync(ExportFormat.Peft, target, "best");
        Assert.Equal(8, PeftFolder.Load(target).Config.Rank);
    }

    [Fact]
    public async Task Run_AnswerOnlyBaseline_IsTrainedAndRankedBesideTheRewardModel()
    {
        var snapshot = await fixture.RunAsync("answer-only", Tiny.Recipe(
            "reward.answerOnlyBaseline=true", "ppo=null", "reward.maxRows=8", "evaluate.exact={}", "evaluate.exams={}"));
        var names = (await fixture.Runs.GetEvaluationsAsync("answer-only", CancellationToken.None)).Select(e => e.Name).ToArray();
        var progress = await fixture.ProgressAsync("answer-only");

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.Contains("reward/ranking/heldout", names);
        Assert.Contains("reward-answer-only/ranking/heldout", names);
        Assert.NotEqual(progress.Reward!.Parameters.Hash, progress.AnswerOnly!.Parameters.Hash);
    }
}
