using System.Text;
using System.Text.Json.Nodes;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.HuggingFace;
using ClinicalGpt.Orleans.Formats.Safetensors;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.Tests.HuggingFace;

public sealed class ModelFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ReferenceFolder_ConfigWeightsTokenizerHash()
    {
        MakeFolder();

        var model = ModelFolder.Load(_folder.Path);

        Assert.Equal(64, model.Config.HiddenSize);
        Assert.Equal(4, model.Config.Heads);
        Assert.Equal(2, model.Config.Layers);
        Assert.Equal(320, model.Config.VocabularySize);
        Assert.Equal((1, 2, 3), (model.Config.BosTokenId, model.Config.EosTokenId, model.Config.PadTokenId));
        Assert.True(model.Config.TieWordEmbeddings);
        Assert.Equal(29, model.Weights.Count);
        Assert.Equal([192L, 64L], model.Weights["transformer.h.1.self_attention.query_key_value.weight"].Shape);
        Assert.Equal(2, model.Tokenizer.IdOf("</s>"));
        Assert.Equal(ModelFolder.ComputeContentHash(_folder.Path), model.ContentHash);
        Assert.Matches("^[0-9a-f]{64}$", model.ContentHash);
    }

    [Fact]
    public void Load_Sharded_SameTensorsAsOneFile()
    {
        MakeFolder();
        var whole = ModelFolder.Load(_folder.Path);

        Shard();
        var sharded = ModelFolder.Load(_folder.Path);

        Assert.Equal(whole.Weights.Keys.Order(), sharded.Weights.Keys.Order());
        Assert.All(whole.Weights, pair => Assert.Equal(pair.Value.Data.ToArray(), sharded.Weights[pair.Key].Data.ToArray()));
        Assert.NotEqual(whole.ContentHash, sharded.ContentHash);
    }

    [Fact]
    public void Load_ShardGone_ModelMissingNamesIt()
    {
        MakeFolder();
        Shard();
        File.Delete(_folder.File("model-00002-of-00002.safetensors"));

        var problem = Problems.ExpectOne(ErrorCodes.ModelMissing, () => ModelFolder.Load(_folder.Path));

        Assert.Contains("model-00002-of-00002.safetensors", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ShardLacksTensor_ModelDamaged()
    {
        MakeFolder();
        Shard();
        SafetensorsWriter.WriteFile(_folder.File("model-00002-of-00002.safetensors"), []);

        Problems.ExpectOne(ErrorCodes.ModelDamaged, () => ModelFolder.Load(_folder.Path));
    }

    [Fact]
    public void Load_IndexPointsOutOfFolder_ModelDamaged()
    {
        MakeFolder();
        File.Delete(_folder.File("model.safetensors"));
        File.WriteAllText(_folder.File("model.safetensors.index.json"), """{"weight_map": {"a": "../b.safetensors"}}""");

        Problems.ExpectOne(ErrorCodes.ModelDamaged, () => ModelFolder.Load(_folder.Path));
    }

    [Fact]
    public void Load_NoSuchFolder_ModelMissingSaysWhatAFolderHolds()
    {
        var problem = Problems.ExpectOne(ErrorCodes.ModelMissing, () => ModelFolder.Load("/nowhere/model"));

        Assert.Equal("/nowhere/model", problem.File);
        Assert.Contains("tokenizer.json", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_EmptyFolder_ListsAllThatIsMissing()
    {
        var problem = Problems.ExpectOne(ErrorCodes.ModelMissing, () => ModelFolder.Load(_folder.Path));

        Assert.StartsWith(
            "missing: config.json, model.safetensors, tokenizer.json; a model folder holds", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OnlyPytorchBin_SaysWhatToDo()
    {
        MakeFolder();
        File.Move(_folder.File("model.safetensors"), _folder.File("pytorch_model.bin"));

        var problem = Problems.ExpectOne(ErrorCodes.ModelMissing, () => ModelFolder.Load(_folder.Path));

        Assert.Contains("save the model as safetensors", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TruncatedWeights_ModelDamaged()
    {
        MakeFolder();
        var path = _folder.File("model.safetensors");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);

        Assert.Equal(path, Problems.ExpectOne(ErrorCodes.ModelDamaged, () => ModelFolder.Load(_folder.Path)).File);
    }

    [Fact]
    public void Load_TokenizerLargerThanVocabulary_TokenizerInvalid()
    {
        MakeFolder();
        File.WriteAllBytes(_folder.File("tokenizer.json"), Fixture.Read("tokenizers/bloom/tokenizer.json"));

        var problem = Problems.ExpectOne(ErrorCodes.TokenizerInvalid, () => ModelFolder.Load(_folder.Path));

        Assert.Contains("ids up to 5999", problem.Message, StringComparison.Ordinal);
        Assert.Contains("ends at 319", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TokenizerWithoutTheTokenThatEndsAnswers_TokenizerInvalid()
    {
        MakeFolder();
        File.WriteAllBytes(_folder.File("tokenizer.json"), BpeTrainer.Train(["aa"], new BpeTrainerOptions { VocabularySize = 300 }));
        var config = File.ReadAllText(_folder.File("config.json"));
        File.WriteAllText(
            _folder.File("config.json"), System.Text.RegularExpressions.Regex.Replace(config, "\"eos_token_id\": *\\d+", "\"eos_token_id\": 319"));

        var problem = Problems.ExpectOne(ErrorCodes.TokenizerInvalid, () => ModelFolder.Load(_folder.Path));

        Assert.Contains("no token 319", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HashFiles_OneByteChanged_ChangesThatFileAlone()
    {
        MakeFolder();
        var before = ModelFolder.HashFiles(_folder.Path);
        File.AppendAllText(_folder.File("tokenizer.json"), " ");

        var after = ModelFolder.HashFiles(_folder.Path);

        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], after.Keys);
        Assert.Equal(["tokenizer.json"], after.Keys.Where(name => after[name] != before[name]));
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(_folder.File("config.json")))), after["config.json"]);
    }

    [Fact]
    public void Load_BareNames_GetThePrefix()
    {
        MakeFolder();
        var path = _folder.File("model.safetensors");
        var bare = SafetensorsReader.ReadFile(path).Values
            .Select(tensor => tensor with { Name = tensor.Name["transformer.".Length..] }).ToList();
        SafetensorsWriter.WriteFile(path, bare);

        Assert.Contains("transformer.ln_f.weight", ModelFolder.Load(_folder.Path).Weights.Keys);
    }

    [Theory]
    [InlineData("n_layer", 3, 12)] // a layer that the file does not have: its twelve tensors are missing
    [InlineData("n_layer", 1, 12)] // a layer that the configuration does not have: twelve too many
    [InlineData("vocab_size", 400, 1)]
    public void Load_ConfigDoesNotFitWeights_OneProblemForEachTensor(string key, int value, int count)
    {
        MakeFolder();
        EditConfig(config => config[key] = value);

        Assert.Equal(count, Problems.Expect(ErrorCodes.ModelTensorMismatch, () => ModelFolder.Load(_folder.Path)).Length);
    }

    [Fact]
    public void ComputeContentHash_OneByteOfAnyFile_Differs()
    {
        MakeFolder();
        var before = ModelFolder.ComputeContentHash(_folder.Path);

        foreach (var name in (string[])["config.json", "model.safetensors", "tokenizer.json"])
        {
            var content = File.ReadAllBytes(_folder.File(name));
            File.WriteAllBytes(_folder.File(name), [.. content[..^1], (byte)(content[^1] ^ 1)]);
            Assert.NotEqual(before, ModelFolder.ComputeContentHash(_folder.Path));
            File.WriteAllBytes(_folder.File(name), content);
        }

        File.WriteAllText(_folder.File("README.md"), "not part of the model");
        Assert.Equal(before, ModelFolder.ComputeContentHash(_folder.Path));
    }

    [Theory]
    [InlineData("llama", ErrorCodes.ModelUnsupported)]
    [InlineData(null, ErrorCodes.ModelUnsupported)]
    public void ReadConfig_OtherFamily_NamesWhatIsSupported(string? type, string code)
    {
        MakeFolder();
        EditConfig(config => config["model_type"] = type);

        var problem = Problems.ExpectOne(code, () => ModelFolder.ReadConfig(_folder.Path));

        Assert.Equal("model_type", problem.Key);
        Assert.Contains("supported: bloom", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadConfig_OtherSpellings_AreRead()
    {
        MakeFolder();
        EditConfig(config =>
        {
            foreach (var name in (string[])["n_head", "n_layer", "hidden_size", "pad_token_id", "layer_norm_epsilon"])
            {
                config.Remove(name);
            }

            config["num_attention_heads"] = 8;
            config["num_hidden_layers"] = 6;
            config["n_embed"] = 32;
            config["pad_token_id"] = null;
        });

        var config = ModelFolder.ReadConfig(_folder.Path);

        Assert.Equal((8, 6, 32), (config.Heads, config.Layers, config.HiddenSize));
        Assert.Equal(config.EosTokenId, config.PadTokenId);
        Assert.Equal(1e-5, config.LayerNormEpsilon);
    }

    [Fact]
    public void ReadConfig_SeveralMistakes_AllReported()
    {
        MakeFolder();
        EditConfig(config =>
        {
            config.Remove("n_head");
            config["n_layer"] = 0;
        });

        var problems = Problems.Expect(ErrorCodes.ModelDamaged, () => ModelFolder.ReadConfig(_folder.Path));

        Assert.Equal(["n_layer", "num_attention_heads"], problems.Select(problem => problem.Key));
    }

    [Theory]
    [InlineData("n_head", 5)]
    [InlineData("eos_token_id", 320)]
    [InlineData("layer_norm_epsilon", 0)]
    public void ReadConfig_ImpossibleValue_ModelDamaged(string key, int value)
    {
        MakeFolder();
        EditConfig(config => config[key] = value);

        Problems.ExpectOne(ErrorCodes.ModelDamaged, () => ModelFolder.ReadConfig(_folder.Path));
    }

    [Fact]
    public void ReadConfig_NotJson_NamesFileAndLine()
    {
        File.WriteAllText(_folder.File("config.json"), "{\n\"model_type\": bloom}");

        var problem = Problems.ExpectOne(ErrorCodes.ModelDamaged, () => ModelFolder.ReadConfig(_folder.Path));

        Assert.Equal((_folder.File("config.json"), 2), (problem.File, problem.Line));
    }

    private void MakeFolder()
    {
        _folder.CopyFixture("models/bloom", "config.json", "model.safetensors");
        File.WriteAllBytes(_folder.File("tokenizer.json"), BpeTrainer.Train(
            ["cough and fever"], new BpeTrainerOptions { VocabularySize = 300 }));
    }

    private void Shard()
    {
        var tensors = SafetensorsReader.ReadFile(_folder.File("model.safetensors")).Values.ToList();
        File.Delete(_folder.File("model.safetensors"));
        var map = new JsonObject();
        for (var shard = 1; shard <= 2; shard++)
        {
            var name = $"model-0000{shard}-of-00002.safetensors";
            var part = tensors.Where((_, index) => index % 2 == shard - 1).ToList();
            SafetensorsWriter.WriteFile(_folder.File(name), part);
            part.ForEach(tensor => map[tensor.Name] = name);
        }

        File.WriteAllText(
            _folder.File("model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString(), Encoding.UTF8);
    }

    private void EditConfig(Action<JsonObject> edit)
    {
        var config = JsonNode.Parse(File.ReadAllText(_folder.File("config.json")))!.AsObject();
        edit(config);
        File.WriteAllText(_folder.File("config.json"), config.ToJsonString());
    }
}
