using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Json;
using ClinicalGpt.Orleans.Formats.Safetensors;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>Writes folders that transformers loads (AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer).</summary>
public static class ModelFolderWriter
{
    /// <summary>The files of a model folder. Identical input gives identical bytes.</summary>
    /// <param name="config">The model's configuration.</param>
    /// <param name="weights">Every tensor the configuration asks for, all of one float dtype; an output projection that is
    /// tied to the embedding is left out.</param>
    /// <param name="tokenizerJson">The tokenizer's file, copied as it is.</param>
    /// <param name="card">What README.md states.</param>
    /// <param name="architecture">What the folder is loaded as.</param>
    /// <returns>config.json, generation_config.json (language models), model.safetensors, tokenizer.json,
    /// tokenizer_config.json and README.md; paths relative to the folder.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.ModelTensorMismatch"/>: tensors do not fit the configuration.
    /// <see cref="ErrorCodes.TokenizerInvalid"/>: the tokenizer cannot be understood.</exception>
    public static IReadOnlyList<OutputFile> Build(
        ModelConfig config,
        IEnumerable<TensorData> weights,
        byte[] tokenizerJson,
        ModelCard card,
        ModelArchitecture architecture = ModelArchitecture.CausalLanguageModel)
    {
        var isReward = architecture == ModelArchitecture.SequenceClassification;
        var tensors = BloomTensors.WithPrefix(weights);
        BloomTensors.Check(config, tensors, isReward, ModelFiles.Weights);
        if (isReward || config.TieWordEmbeddings)
        {
            tensors.Remove("lm_head.weight");
        }

        if (!isReward)
        {
            tensors.Remove(BloomTensors.Score);
        }

        var tokenizer = Tokenizer.FromJson(tokenizerJson, ModelFiles.Tokenizer);
        var files = new List<OutputFile>
        {
            new(ModelFiles.Config, Config(config, tensors.Values.First().DType, isReward)),
            new(ModelFiles.Weights, SafetensorsWriter.Parts(
                tensors.Values, new Dictionary<string, string> { ["format"] = "pt" })),
            new(ModelFiles.Tokenizer, tokenizerJson),
            new("tokenizer_config.json", TokenizerConfig(config, tokenizer)),
            new("README.md", ModelCardText.Write(card, "transformers", isReward ? "text-classification" : "text-generation")),
        };
        if (!isReward)
        {
            files.Insert(1, new("generation_config.json", GenerationConfig(config)));
        }

        return files;
    }

    private static byte[] Config(ModelConfig config, TensorDType dtype, bool isReward)
    {
        var entries = new Dictionary<string, object?>
        {
            ["apply_residual_connection_post_layernorm"] = config.ResidualAfterLayerNorm,
            ["architectures"] = new[] { isReward ? "BloomForSequenceClassification" : "BloomForCausalLM" },
            ["attention_dropout"] = 0.0m, // a decimal keeps its point: the key is a float
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenId,
            ["hidden_dropout"] = 0.0m,
            ["hidden_size"] = config.HiddenSize,
            ["initializer_range"] = config.InitializerRange,
            ["layer_norm_epsilon"] = config.LayerNormEpsilon,
            ["model_type"] = config.ModelType,
            ["n_head"] = config.Heads,
            ["n_layer"] = config.Layers,
            ["pad_token_id"] = config.PadTokenId,
            ["pretraining_tp"] = 1,
            ["slow_but_exact"] = false,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,

            // transformers 4 knows only this spelling, transformers 5 both.
            ["torch_dtype"] = TorchName(dtype),
            ["use_cache"] = true,
            ["vocab_size"] = config.VocabularySize,
        };
        if (isReward)
        {
            entries["id2label"] = new Dictionary<string, string> { ["0"] = "LABEL_0" };
            entries["label2id"] = new Dictionary<string, int> { ["LABEL_0"] = 0 };
        }

        return JsonText.Write(entries);
    }

    private static byte[] GenerationConfig(ModelConfig config) => JsonText.Write(new Dictionary<string, object?>
    {
        ["_from_model_config"] = true,
        ["bos_token_id"] = config.BosTokenId,
        ["eos_token_id"] = config.EosTokenId,
        ["pad_token_id"] = config.PadTokenId,
    });

    private static byte[] TokenizerConfig(ModelConfig config, Tokenizer tokenizer)
    {
        var entries = new Dictionary<string, object?>
        {
            ["clean_up_tokenization_spaces"] = false,
            ["padding_side"] = "left",
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
        };
        (string Key, int Id)[] named =
        [
            ("bos_token", config.BosTokenId), ("eos_token", config.EosTokenId), ("pad_token", config.PadTokenId),
        ];
        foreach (var (key, id) in named)
        {
            if (tokenizer.TokenOf(id) is { } token)
            {
                entries[key] = token;
            }
        }

        if (tokenizer.IdOf("<unk>") is not null)
        {
            entries["unk_token"] = "<unk>";
        }

        return JsonText.Write(entries);
    }

    private static string TorchName(TensorDType dtype) => dtype switch
    {
        TensorDType.BF16 => "bfloat16",
        TensorDType.F16 => "float16",
        TensorDType.F64 => "float64",
        _ => "float32",
    };
}
