using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Models;
using ClinicalGpt.Orleans.Learning.RewardModel;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class ExportTests(ClusterFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Export_HuggingFace_ReloadsAndAnswersAsThePolicyDoes()
    {
        var path = await ExportAsync(ExportFormat.HuggingFace);

        var folder = ModelFolder.Load(path);

        using var model = BaseModel.FromTensors(folder.Config, folder.Weights);
        Assert.Equal(await PolicyAnswerAsync(), Answer(model, null));
        Assert.NotEqual(ModelFolder.ComputeContentHash(Tiny.ModelFolder), folder.ContentHash);
    }

    [Fact]
    public async Task Export_Peft_ReloadsAndAnswersAsThePolicyDoes()
    {
        var path = await ExportAsync(ExportFormat.Peft);

        var adapter = PeftFolder.Load(path);

        using var model = LoadBase();
        using var set = ParameterSet.FromTensors(model, [.. adapter.Tensors.Values], true, adapter.Config.Scale, trainable: false);
        Assert.Equal(await PolicyAnswerAsync(), Answer(model, set));
        Assert.Equal((8, 32.0), (adapter.Config.Rank, adapter.Config.Alpha));
    }

    [Fact]
    public async Task Export_RewardModel_ReloadsAndRanksAsTheRewardModelDoes()
    {
        var path = await ExportAsync(ExportFormat.RewardModel);

        var folder = SequenceClassificationFolder.Load(path);

        var reward = (await fixture.ProgressAsync("undisturbed")).Reward!.Parameters;
        using var model = LoadBase();
        using var own = await SetAsync(model, reward);
        using var exported = ParameterSet.FromTensors(model, [.. folder.Weights.Values], false, 1, trainable: false);
        var block = SequenceBlock.From([([1, 40, 41], [50, 2]), ([1, 60], [70, 71, 2])]);
        var expected = RewardTrainer.Scores(model, own, block);
        var scores = RewardTrainer.Scores(model, exported, block);

        // The head's bias has no place in the folder: all scores move alike.
        Assert.Equal(expected[0] - expected[1], scores[0] - scores[1], 1e-4f);
    }

    [Fact]
    public async Task Export_Metrics_HasEveryStepInEveryFormat()
    {
        var path = await ExportAsync(ExportFormat.Metrics);

        var lines = await File.ReadAllLinesAsync(Path.Combine(path, "metrics.jsonl"));
        var rows = lines.Select(l => JsonDocument.Parse(l).RootElement).ToArray();
        var csv = await File.ReadAllLinesAsync(Path.Combine(path, "metrics.csv"));
        var events = Assert.Single(Directory.GetFiles(Path.Combine(path, "tensorboard")));

        Assert.Equal(lines.Length + 1, csv.Length);
        Assert.All(csv, l => Assert.Equal(csv[0].Split(',').Length, l.Split(',').Length));
        Assert.Equal([0, 1], rows.Where(r => r.GetProperty("stage").GetString() == "sft").Select(r => r.GetProperty("step").GetInt32()));
        Assert.Equal(Tiny.Iterations, rows.Count(r => r.GetProperty("stage").GetString() == "ppo"));
        Assert.StartsWith("events.out.tfevents.", Path.GetFileName(events), StringComparison.Ordinal);
        Assert.True(new FileInfo(events).Length > 1000);
    }

    [Fact]
    public async Task Export_Report_ListsEveryEvaluation()
    {
        var path = await ExportAsync(ExportFormat.Report);

        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(path, "report.json")));
        var markdown = await File.ReadAllTextAsync(Path.Combine(path, "report.md"));
        var results = await fixture.Runs.GetEvaluationsAsync("undisturbed", CancellationToken.None);

        Assert.Equal(results.Count, json.RootElement.GetProperty("evaluations").GetArrayLength());
        Assert.All(results, r => Assert.Contains($"## {r.Name[(r.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}\n", markdown, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Export_Samples_HasEverySample()
    {
        var path = await ExportAsync(ExportFormat.Samples);

        var lines = await File.ReadAllLinesAsync(Path.Combine(path, "samples.jsonl"));

        Assert.Equal(Tiny.Iterations * 8, lines.Length);
        Assert.All(lines, l => Assert.Equal(64, JsonDocument.Parse(l).RootElement.GetProperty("policyHash").GetString()!.Length));
    }

    [Fact]
    public async Task Export_All_HasAFolderForEachFormat()
    {
        var path = await ExportAsync(ExportFormat.All);

        Assert.Equal(
            ["adapter", "metrics", "model", "report", "reward-model", "samples"],
            Directory.GetDirectories(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Export_BestWhereNoneWasMeasured_IsRefused()
    {
        await fixture.UndisturbedAsync();

        var refused = await Assert.ThrowsAsync<ProblemException>(
            () => fixture.Client.GetRun("undisturbed").ExportAsync(ExportFormat.HuggingFace, _folder.File("best"), "best"));

        Assert.Equal(ErrorCodes.RunStateConflict, Assert.Single(refused.Problems).Code);
    }

    [Fact]
    public async Task Ppo_FromExportedModels_Completes()
    {
        var merged = await ExportAsync(ExportFormat.HuggingFace, "sft");
        var reward = await ExportAsync(ExportFormat.RewardModel);

        var snapshot = await fixture.RunAsync("from-merged", Tiny.Training(
            "sft=null", "reward=null", "ppo.iterations=1", "ppo.chunkSize=64", "ppo.maxResponseTokens=16", $"model.sftPath={merged}", $"model.rewardPath={reward}"));
        var progress = await fixture.ProgressAsync("from-merged");

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.Equal(ModelFolder.ComputeContentHash(merged), progress.Base!.ContentHash);
        Assert.False(progress.Ppo!.Critic.Parameters.IsLora);
    }

    [Fact]
    public async Task Ppo_FromExportedAdapter_CompletesAndExportsItsOwnRank()
    {
        var adapter = await ExportAsync(ExportFormat.Peft, "sft");
        var sft = (await fixture.ProgressAsync("undisturbed")).Sft!.Parameters;

        // The recipe's own adapter options are other ones: the folder's count.
        var snapshot = await fixture.RunAsync("from-adapter", Tiny.Training(
            "sft=null", "reward.maxRows=8", "ppo.iterations=1", "ppo.adapter.rank=2", "ppo.adapter.targets=[dense]", $"model.sftPath={adapter}"));
        var samples = await fixture.Runs.GetSamplesAsync("from-adapter", new SampleQuery(), CancellationToken.None);

        Assert.True(snapshot.Status == RunStatus.Completed, snapshot.Reason?.ToString());
        Assert.All(samples, s => Assert.Equal(s.PolicyHash, s.ReferenceHash));
        var target = _folder.File("again");
        await fixture.Client.GetRun("from-adapter").ExportAsync(ExportFormat.Peft, target);
        Assert.Equal(8, PeftFolder.Load(target).Config.Rank);
        Assert.True(sft.IsLora);
    }

    private static BaseModel LoadBase()
    {
        var folder = ModelFolder.Load(Tiny.ModelFolder);
        return BaseModel.FromTensors(folder.Config, folder.Weights);
    }

    private static int[] Answer(BaseModel model, ParameterSet? set)
    {
        var prompt = ModelFolder.Load(Tiny.ModelFolder).Tokenizer.Encode("问：哪些药物用于乙型肝炎？\n答：", parseSpecialTokens: false);
        var generated = Sampler.Generate(
            model, set, SequenceBlock.From([([1, .. prompt], [])]), new SamplingSettings { Temperature = 0, MaxResponseTokens = 24 }, [1UL]);
        return generated.Sequences.ToRows()[0].Response;
    }

    private async Task<int[]> PolicyAnswerAsync()
    {
        using var model = LoadBase();
        using var set = await SetAsync(model, (await fixture.ProgressAsync("undisturbed")).Ppo!.Policy.Parameters);
        return Answer(model, set);
    }

    private async Task<ParameterSet> SetAsync(BaseModel model, ParameterReference reference) => ParameterSet.FromTensors(
        model, await new ModelSource(fixture.Blobs).ReadTensorsAsync(reference.Hash, CancellationToken.None), reference.IsLora, reference.Scale, trainable: false);

    private async Task<string> ExportAsync(ExportFormat format, string weights = "last")
    {
        await fixture.UndisturbedAsync();
        var target = _folder.File($"{format}-{weights}");
        await fixture.Client.GetRun("undisturbed").ExportAsync(format, target, weights);
        return target;
    }
}
