using System.Text.Json;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Peft;
using ClinicalGpt.Orleans.Formats.Safetensors;

namespace ClinicalGpt.Orleans.Formats.Tests.Peft;

public sealed class PeftFolderTests : IDisposable
{
    private const string FirstA = "base_model.model.transformer.h.0.self_attention.query_key_value.lora_A.weight";

    private static readonly ModelCard Card = new() { Title = "Adapter", RunId = "run-1", RecipeName = "r", Base = "b" };

    private readonly TemporaryFolder _folder = new();

    public PeftFolderTests() =>
        _folder.CopyFixture("adapters/bloom", "adapter_config.json", "adapter_model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ReferenceAdapter_ConfigAndFactors()
    {
        var adapter = PeftFolder.Load(_folder.Path);

        Assert.Equal((8, 32.0, 0.1, 4.0), (adapter.Config.Rank, adapter.Config.Alpha, adapter.Config.Dropout, adapter.Config.Scale));
        Assert.Equal(["query_key_value"], adapter.Config.TargetModules);
        Assert.False(adapter.Config.HasScoreHead);
        Assert.Equal(4, adapter.Tensors.Count);
        Assert.Equal([8L, 64L], adapter.Tensors[FirstA].Shape);
        Assert.True(PeftFolder.IsPeftFolder(_folder.Path));
        Assert.False(PeftFolder.IsPeftFolder(Fixture.Path("models/bloom")));
    }

    [Fact]
    public void Build_LoadedAdapter_AgreesWithReference()
    {
        var adapter = PeftFolder.Load(_folder.Path);

        var files = PeftWriter.Build(adapter.Config, adapter.Tensors.Values.Reverse(), Card);

        Assert.Equal(["adapter_config.json", "adapter_model.safetensors", "README.md"], files.Select(file => file.Path));
        Assert.Equal(Fixture.Read("adapters/bloom/adapter_model.safetensors"), files[1].ToArray());
        using var reference = JsonDocument.Parse(Fixture.Read("adapters/bloom/adapter_config.json"));
        using var ours = JsonDocument.Parse(files[0].ToArray());
        Assert.All(ours.RootElement.EnumerateObject(), property => Assert.True(
            JsonElement.DeepEquals(reference.RootElement.GetProperty(property.Name), property.Value), property.Name));
    }

    [Fact]
    public void Build_WithScoreHead_LoadsBack()
    {
        var adapter = PeftFolder.Load(_folder.Path);
        var score = new TensorData("base_model.model.score.weight", TensorDType.F32, [1, 64], new byte[256]);

        _folder.Write(PeftWriter.Build(adapter.Config with { HasScoreHead = true }, [.. adapter.Tensors.Values, score], Card));
        var loaded = PeftFolder.Load(_folder.Path);

        Assert.True(loaded.Config.HasScoreHead);
        Assert.Equal([1L, 64L], loaded.Tensors["base_model.model.score.weight"].Shape);
    }

    [Theory]
    [InlineData("use_dora", "true")]
    [InlineData("use_rslora", "true")]
    [InlineData("bias", "\"all\"")]
    [InlineData("modules_to_save", "[\"lm_head\"]")]
    [InlineData("peft_type", "\"IA3\"")]
    [InlineData("rank_pattern", "{\"dense\": 4}")]
    [InlineData("layers_to_transform", "[1]")]
    [InlineData("layers_to_transform", "0")]
    [InlineData("target_modules", "\".*dense\"")]
    [InlineData("init_lora_weights", "\"pissa_niter_4\"")]
    public void Load_BeyondPlainLora_ModelUnsupportedNamesTheKey(string key, string value)
    {
        EditConfig(config => config[key] = JsonNode.Parse(value));

        Assert.Equal(key, Problems.ExpectOne(ErrorCodes.ModelUnsupported, () => PeftFolder.Load(_folder.Path)).Key);
    }

    [Fact]
    public void Load_SeveralUnsupported_AllReported()
    {
        EditConfig(config =>
        {
            config["use_dora"] = true;
            config["use_rslora"] = true;
        });

        Assert.Equal(2, Problems.Expect(ErrorCodes.ModelUnsupported, () => PeftFolder.Load(_folder.Path)).Length);
    }

    [Theory]
    [InlineData("r", "0")]
    [InlineData("r", "null")]
    [InlineData("lora_alpha", "\"x\"")]
    [InlineData("lora_dropout", "1")]
    [InlineData("target_modules", "[]")]
    public void Load_ImpossibleValue_ModelDamaged(string key, string value)
    {
        EditConfig(config => config[key] = JsonNode.Parse(value));

        Assert.Equal(key, Problems.ExpectOne(ErrorCodes.ModelDamaged, () => PeftFolder.Load(_folder.Path)).Key);
    }

    [Fact]
    public void Load_FilesMissing_AllListed()
    {
        File.Delete(_folder.File("adapter_config.json"));
        File.Delete(_folder.File("adapter_model.safetensors"));

        var problem = Problems.ExpectOne(ErrorCodes.ModelMissing, () => PeftFolder.Load(_folder.Path));

        Assert.StartsWith("missing: adapter_config.json, adapter_model.safetensors;", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FactorLacksPartner_ModelTensorMismatch()
    {
        var tensors = SafetensorsReader.ReadFile(_folder.File("adapter_model.safetensors")).Values.Where(tensor => tensor.Name != FirstA);
        SafetensorsWriter.WriteFile(_folder.File("adapter_model.safetensors"), tensors.ToList());

        var problem = Problems.ExpectOne(ErrorCodes.ModelTensorMismatch, () => PeftFolder.Load(_folder.Path));

        Assert.Contains("lacks its lora_A", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OtherRankThanConfig_ModelTensorMismatch()
    {
        EditConfig(config => config["r"] = 4);

        Assert.Equal(4, Problems.Expect(ErrorCodes.ModelTensorMismatch, () => PeftFolder.Load(_folder.Path)).Length);
    }

    private void EditConfig(Action<JsonObject> edit)
    {
        var path = _folder.File("adapter_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(config);
        File.WriteAllText(path, config.ToJsonString());
    }
}
