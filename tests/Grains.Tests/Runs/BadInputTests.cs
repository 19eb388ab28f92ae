using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Runs;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;

namespace ClinicalGpt.Orleans.Grains.Tests.Runs;

[Collection(ClusterCollection.Name)]
public sealed class BadInputTests(ClusterFixture fixture) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_ModelFolderMissing_Fails()
    {
        var reason = await FailAsync("no-model", Tiny.Training($"model.path={_folder.File("nowhere")}"));

        Assert.Equal(ErrorCodes.ModelMissing, reason.Code);
        Assert.Equal(_folder.File("nowhere"), reason.File);
    }

    [Fact]
    public async Task Run_WeightsTruncated_Fails()
    {
        var model = _folder.Copy(Tiny.ModelFolder, "truncated");
        await using (var file = new FileStream(Path.Combine(model, "model.safetensors"), FileMode.Open))
        {
            file.SetLength(file.Length - 1000);
        }

        Assert.Equal(ErrorCodes.ModelDamaged, (await FailAsync("truncated", Tiny.Training($"model.path={model}"))).Code);
    }

    [Fact]
    public async Task Run_TensorOfAnotherShape_FailsAndNamesIt()
    {
        var model = _folder.Copy(Tiny.ModelFolder, "shape");
        await EditJsonAsync(Path.Combine(model, "config.json"), json => json["n_layer"] = 3);

        var reason = await FailAsync("shape", Tiny.Training($"model.path={model}"));

        Assert.Equal(ErrorCodes.ModelTensorMismatch, reason.Code);
        Assert.Contains("transformer.h.3.", reason.Message, StringComparison.Ordinal);
        Assert.Contains(model, reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_AdapterOfAnotherModel_FailsBeforeAnythingIsTrained()
    {
        var adapter = Directory.CreateDirectory(_folder.File("adapter")).FullName;
        var module = "base_model.model.transformer.h.0.self_attention.dense";
        foreach (var file in PeftWriter.Build(
            new AdapterConfig { Rank = 2, Alpha = 4, TargetModules = ["dense"], BaseModel = "another" },
            [Zeros($"{module}.lora_A.weight", 2, 96), Zeros($"{module}.lora_B.weight", 96, 2)],
            new ModelCard { Title = "t", RunId = "r", RecipeName = "n", Base = "b", Stages = [], Metrics = [] }))
        {
            await File.WriteAllBytesAsync(Path.Combine(adapter, file.Path), file.ToArray());
        }

        var reason = await FailAsync("other-adapter", Tiny.Training("sft=null", "reward=null", "ppo=null", "evaluate={}", $"model.sftPath={adapter}"));

        Assert.Equal(ErrorCodes.ModelTensorMismatch, reason.Code);
        Assert.Contains("[2, 96]", reason.Message, StringComparison.Ordinal);
        Assert.Contains("model.sftPath", reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TokenizerLargerThanVocabulary_Fails()
    {
        var model = _folder.Copy(Tiny.ModelFolder, "tokenizer");
        await EditJsonAsync(Path.Combine(model, "tokenizer.json"), json => json["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = 100_000, ["content"] = "<beyond>", ["single_word"] = false, ["lstrip"] = false, ["rstrip"] = false, ["normalized"] = false, ["special"] = true,
        }));

        Assert.Equal(ErrorCodes.TokenizerInvalid, (await FailAsync("tokenizer", Tiny.Training($"model.path={model}"))).Code);
    }

    [Fact]
    public async Task Run_EmptyDataFile_Fails()
    {
        var empty = Write("empty.jsonl");

        var reason = await FailAsync("empty", Tiny.Training($"data.sft=[{empty}]"));

        Assert.Equal((ErrorCodes.DataFileEmpty, empty), (reason.Code, reason.File));
    }

    [Fact]
    public async Task Run_BrokenLine_FailsWithItsNumber()
    {
        var broken = Write("broken.jsonl", [.. File.ReadLines(Tiny.File("sft.jsonl")).Take(6), "{\"prompt\": \"secret question", .. File.ReadLines(Tiny.File("sft.jsonl")).Skip(6)]);

        var reason = await FailAsync("broken", Tiny.Training($"data.sft=[{broken}]"));

        Assert.Equal((ErrorCodes.DataRecordInvalid, broken, 7), (reason.Code, reason.File, reason.Line));
        Assert.DoesNotContain("secret", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SeveralDataProblems_AreReportedAtOnce()
    {
        var empty = Write("empty.jsonl");
        var missing = _folder.File("missing.jsonl");
        var broken = Write("broken.jsonl", ["{}", "[", .. File.ReadLines(Tiny.File("prompts.jsonl"))]);

        var reason = await FailAsync("several", Tiny.Training($"data.sft=[{empty}]", $"data.reward=[{missing}]", $"data.prompts=[{broken}]"));
        var lines = reason.ToString().Split(Environment.NewLine);

        Assert.Contains($"{empty}: ", reason.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{missing}: ", reason.ToString(), StringComparison.Ordinal);
        Assert.Contains($"{broken}:2: ", reason.ToString(), StringComparison.Ordinal);
        Assert.All(lines, l => Assert.Single(l.Split(": CGPT").Skip(1)));
        Assert.Contains(ErrorCodes.DataFileMissing, reason.ToString(), StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.DataRecordInvalid, reason.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_EveryAnswerTooLong_Fails()
    {
        var reason = await FailAsync("too-long", Tiny.Training("data.maxLength=3", "ppo=null"));

        Assert.Equal((ErrorCodes.DataTooSmall, "data.maxLength"), (reason.Code, reason.Key));
    }

    [Fact]
    public async Task Run_SomeAnswersTooLong_CountsThemInAnEvent()
    {
        var rows = File.ReadLines(Tiny.File("sft.jsonl")).Take(8).ToList();
        rows.Add($"{{\"prompt\": \"Question: long?\\nAnswer:\", \"completion\": \"{string.Join(' ', Enumerable.Repeat("insulin", 300))}\"}}");
        var file = Write("long.jsonl", [.. rows]);

        var snapshot = await fixture.RunAsync("some-too-long", Tiny.Training($"data.sft=[{file}]", "reward=null", "ppo=null"));
        var told = (await fixture.Client.GetRun("some-too-long").GetEventsAsync()).Single(e => e.Kind == "sft.records-left-out");

        Assert.Equal(RunStatus.Completed, snapshot.Status);
        Assert.StartsWith("1 of 9 records", told.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_OnAnotherClusterAfterTheModelChanged_FailsUntilItIsPutBack()
    {
        var model = _folder.Copy(Tiny.ModelFolder, "changed");

        // A model of its own content: a silo that has loaded the same content before does not read it again.
        FlipLastByte(Path.Combine(model, "model.safetensors"));
        var run = await fixture.Client.StartRunAsync(Tiny.Training($"model.path={model}", "reward=null", "ppo=null"), "changed");
        await PauseInSftAsync(run);
        var before = Sha256(model);
        FlipLastByte(Path.Combine(model, "model.safetensors"));
        var changed = Sha256(model);

        await using var fresh = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1);
        var elsewhere = fresh.Client.GetRun("changed");
        await elsewhere.ResumeAsync();
        var failed = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);
        FlipLastByte(Path.Combine(model, "model.safetensors"));
        await elsewhere.ResumeAsync();
        var end = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);

        Assert.Equal((RunStatus.Failed, ErrorCodes.ModelChanged), (failed.Status, failed.Reason?.Code));
        Assert.Equal(Path.Combine(model, "model.safetensors"), failed.Reason!.File);
        Assert.Contains(before, failed.Reason.Message, StringComparison.Ordinal);
        Assert.Contains(changed, failed.Reason.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, end.Status);
    }

    [Fact]
    public async Task Resume_OnAnotherClusterWithoutTheModelFolder_FailsUntilItIsPutBack()
    {
        var model = _folder.Copy(Tiny.ModelFolder, "gone");
        FlipLastByte(Path.Combine(model, "model.safetensors"));
        var run = await fixture.Client.StartRunAsync(Tiny.Training($"model.path={model}", "reward=null", "ppo=null", "seed=9"), "gone");
        await PauseInSftAsync(run);
        Directory.Move(model, model + ".elsewhere");

        await using var fresh = await GrainCluster.StartAsync(fixture.ConnectionString, silos: 1);
        var elsewhere = fresh.Client.GetRun("gone");
        await elsewhere.ResumeAsync();
        var failed = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);
        Directory.Move(model + ".elsewhere", model);
        await elsewhere.ResumeAsync();
        var end = await ClusterFixture.WaitAsync(elsewhere, s => s.IsTerminal);

        Assert.Equal((RunStatus.Failed, ErrorCodes.ModelMissing, model), (failed.Status, failed.Reason?.Code, failed.Reason?.File));
        Assert.Contains("run resume", failed.Reason!.Message, StringComparison.Ordinal);
        Assert.Equal(RunStatus.Completed, end.Status);
    }

    private static async Task PauseInSftAsync(RunHandle run)
    {
        await ClusterFixture.WaitAsync(run, s => s is { Stage: StageNames.Sft });
        await run.PauseAsync();
        await ClusterFixture.WaitAsync(run, s => s.Status == RunStatus.Paused);
    }

    private static string Sha256(string model) =>
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(model, "model.safetensors"))));

    private static TensorData Zeros(string name, long rows, long columns) =>
        new(name, TensorDType.F32, [rows, columns], new byte[rows * columns * sizeof(float)]);

    private static async Task EditJsonAsync(string path, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        edit(json);
        await File.WriteAllTextAsync(path, json.ToJsonString());
    }

    private static void FlipLastByte(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;

        // A new file: the old one may be mapped.
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }

    private string Write(string name, params string[] lines)
    {
        File.WriteAllLines(_folder.File(name), lines);
        return _folder.File(name);
    }

    private async Task<Problem> FailAsync(string id, Recipe recipe)
    {
        var snapshot = await fixture.RunAsync(id, recipe);

        Assert.Equal(RunStatus.Failed, snapshot.Status);
        return snapshot.Reason!;
    }
}
