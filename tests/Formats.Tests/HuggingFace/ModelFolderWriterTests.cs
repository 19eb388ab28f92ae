using System.Text;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Safetensors;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.Tests.HuggingFace;

public sealed class ModelFolderWriterTests
{
    private static readonly ModelCard Card = new()
    {
        Title = "Policy after PPO",
        RunId = "run-1",
        RecipeName = "quickstart",
        Base = "tiny",
        Stages = ["sft", "ppo"],
        Metrics = [new("reward | mean", 1.25)],
    };

    [Fact]
    public void Build_ReferenceModel_ConfigAgreesWithReferenceAndLoadsBack()
    {
        using var folder = new TemporaryFolder();
        var weights = Weights("models/bloom");

        var files = ModelFolderWriter.Build(Config("models/bloom"), weights, TokenizerJson(), Card);
        folder.Write(files);
        var loaded = ModelFolder.Load(folder.Path);

        Assert.Equal(
            ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "README.md"],
            files.Select(file => file.Path));
        AssertSameConfig("models/bloom", files[0].ToArray());
        Assert.Equal(Fixture.Read("models/bloom/model.safetensors"), files[2].ToArray());
        Assert.Equal(Config("models/bloom"), loaded.Config);
        Assert.Equal(TokenizerJson(), loaded.Tokenizer.Json.ToArray());
    }

    [Fact]
    public void Build_RewardModel_ConfigAgreesWithReferenceAndLoadsBack()
    {
        using var folder = new TemporaryFolder();

        var files = ModelFolderWriter.Build(
            Config("reward/bloom"), Weights("reward/bloom"), TokenizerJson(), Card, ModelArchitecture.SequenceClassification);
        folder.Write(files);
        var loaded = SequenceClassificationFolder.Load(folder.Path);

        AssertSameConfig("reward/bloom", files[0].ToArray());
        Assert.Equal([1L, 64L], loaded.Weights["score.weight"].Shape);
        Assert.NotNull(loaded.Tokenizer);
    }

    [Fact]
    public void Build_Twice_SameBytes()
    {
        var weights = Weights("models/bloom");

        var first = ModelFolderWriter.Build(Config("models/bloom"), weights, TokenizerJson(), Card);
        var second = ModelFolderWriter.Build(Config("models/bloom"), weights.Reverse(), TokenizerJson(), Card);

        Assert.Equal(first.SelectMany(file => file.ToArray()), second.SelectMany(file => file.ToArray()));
    }

    [Fact]
    public void Build_TiedHeadGiven_IsLeftOut()
    {
        var weights = Weights("models/bloom").ToList();
        var head = weights.Single(tensor => tensor.Name == "transformer.word_embeddings.weight") with { Name = "lm_head.weight" };

        var files = ModelFolderWriter.Build(Config("models/bloom"), [.. weights, head], TokenizerJson(), Card);

        Assert.DoesNotContain("lm_head.weight", SafetensorsReader.Read(files[2].ToArray(), "test").Select(tensor => tensor.Name));
    }

    [Fact]
    public void Build_TensorMissing_ModelTensorMismatch() => Problems.ExpectOne(
        ErrorCodes.ModelTensorMismatch,
        () => ModelFolderWriter.Build(Config("models/bloom"), Weights("models/bloom").Skip(1), TokenizerJson(), Card));

    [Fact]
    public void Build_Card_StatesFactsAndThatItIsNotForClinicalUse()
    {
        var files = ModelFolderWriter.Build(Config("models/bloom"), Weights("models/bloom"), TokenizerJson(), Card);

        var text = Encoding.UTF8.GetString(files.Single(file => file.Path == "README.md").ToArray());

        Assert.StartsWith("---\nlibrary_name: transformers\n", text, StringComparison.Ordinal);
        foreach (var fact in (string[])["Not for clinical use", "run-1", "quickstart", "`tiny`", "1. sft\n1. ppo", "| reward \\| mean | 1.25 |"])
        {
            Assert.Contains(fact, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Build_TokenizerConfig_NamesSpecialTokens()
    {
        var files = ModelFolderWriter.Build(Config("models/bloom"), Weights("models/bloom"), TokenizerJson(), Card);

        using var json = JsonDocument.Parse(files.Single(file => file.Path == "tokenizer_config.json").ToArray());

        Assert.Equal("<s>", json.RootElement.GetProperty("bos_token").GetString());
        Assert.Equal("</s>", json.RootElement.GetProperty("eos_token").GetString());
        Assert.Equal("<pad>", json.RootElement.GetProperty("pad_token").GetString());
    }

    [Fact]
    public void Load_ReferenceRewardModel_HasScore()
    {
        var reward = SequenceClassificationFolder.Load(Fixture.Path("reward/bloom"));

        Assert.Equal([1L, 64L], reward.Weights["score.weight"].Shape);
        Assert.Null(reward.Tokenizer);
    }

    [Fact]
    public void Load_LanguageModelAsRewardModel_ModelUnsupported() => Problems.ExpectOne(
        ErrorCodes.ModelUnsupported, () => SequenceClassificationFolder.Load(Fixture.Path("models/bloom")));

    // Every key of the reference's file, less its version and its newer spelling of the number format.
    private static void AssertSameConfig(string fixture, byte[] written)
    {
        using var reference = JsonDocument.Parse(Fixture.Read($"{fixture}/config.json"));
        using var ours = JsonDocument.Parse(written);
        var names = reference.RootElement.EnumerateObject().Select(property => property.Name)
            .Where(name => name is not ("dtype" or "transformers_version"));
        foreach (var name in names)
        {
            Assert.True(
                JsonElement.DeepEquals(reference.RootElement.GetProperty(name), ours.RootElement.GetProperty(name)), name);
        }

        Assert.Equal("float32", ours.RootElement.GetProperty("torch_dtype").GetString());
    }

    private static ModelConfig Config(string fixture) => ModelFolder.ReadConfig(Fixture.Path(fixture));

    private static IEnumerable<TensorData> Weights(string fixture) =>
        SafetensorsReader.ReadFile(Fixture.Path($"{fixture}/model.safetensors")).Values;

    private static byte[] TokenizerJson() =>
        BpeTrainer.Train(["cough and fever"], new BpeTrainerOptions { VocabularySize = 300 });
}
