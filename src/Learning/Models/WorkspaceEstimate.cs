using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;

namespace ClinicalGpt.Orleans.Learning.Models;

/// <summary>How much memory a computation of this library takes while it runs, from shapes alone; fp32, 4 bytes a number.
/// A dispose scope keeps what is made in it until it ends, with or without gradients, so a forward pass holds the outputs of
/// all its layers. Letters: B rows, S tokens of the longest row, T = B·S, N response tokens, H width, L layers, V vocabulary.</summary>
/// <remarks>Activations of a forward pass: T·H·(19·L + 3) numbers. A block makes two norms (2 H), queries, keys and values (3 H), the
/// attention's output and its copy (2 H), two projections (2 H), two sums (2 H), and the wide layer before and after GELU (8 H):
/// 19 H; outside the blocks are the embedding and two norms. LoRA adds two outputs to each of the four linear layers (18 H a block),
/// its dropout a mask and a product for each of their inputs (14 H). The backward pass adds the gradients of one block (19 H) and the
/// attention bias is heads·S² for all rows alike.</remarks>
public static class WorkspaceEstimate
{
    private const long Number = sizeof(float);
    private const long Plain = 19;
    private const long LoraOutputs = 18;
    private const long LoraDropout = 14;

    /// <summary>One forward and backward pass.</summary>
    /// <param name="config">The model.</param>
    /// <param name="parameters">What is trained.</param>
    /// <param name="rows">B.</param>
    /// <param name="length">S.</param>
    /// <param name="logitRows">N, positions whose logits are made; 0: a scalar head instead.</param>
    /// <param name="dropout">Whether LoRA dropout acts.</param>
    /// <param name="isScaled">Whether logits are divided by a temperature.</param>
    public static Workspace Training(
        ModelConfig config, ParameterSet parameters, long rows, long length, long logitRows, bool dropout = false, bool isScaled = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Training(config, parameters.IsLora, parameters.Bytes, rows, length, logitRows, dropout, isScaled);
    }

    /// <inheritdoc cref="Training(ModelConfig, ParameterSet, long, long, long, bool, bool)"/>
    /// <param name="config">The model.</param>
    /// <param name="isLora">Whether LoRA factors are trained.</param>
    /// <param name="trainedBytes">Bytes of what is trained.</param>
    /// <param name="rows">B.</param>
    /// <param name="length">S.</param>
    /// <param name="logitRows">N.</param>
    /// <param name="dropout">Whether LoRA dropout acts.</param>
    /// <param name="isScaled">Whether logits are divided by a temperature.</param>
    public static Workspace Training(
        ModelConfig config, bool isLora, long trainedBytes, long rows, long length, long logitRows, bool dropout = false, bool isScaled = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        var perBlock = Plain + (isLora ? LoraOutputs : 0) + (isLora && dropout ? LoraDropout : 0);
        var numbers = (Forward(config, rows * length, perBlock) + (rows * length * config.HiddenSize * Plain)) + Bias(config, 1, length);

        // Logits and log-softmax, and in the backward pass the gradient of each; a temperature makes one more pair.
        return new Workspace(Number * numbers, Logits: Number * logitRows * config.VocabularySize * (isScaled ? 6 : 4), Gradients: trainedBytes);
    }

    /// <summary>A forward pass without gradients over as many rows at once as <see cref="RowChunks"/> lets through.</summary>
    /// <param name="config">The model.</param>
    /// <param name="isLora">Whether LoRA factors act beside the weights.</param>
    /// <param name="sequences">Prompts with responses.</param>
    /// <param name="withLogits">Log-probabilities of response tokens; false: one score for each row, or values.</param>
    public static Workspace Scoring(ModelConfig config, bool isLora, SequenceBlock sequences, bool withLogits)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(sequences);
        var largest = Workspace.None;
        foreach (var chunk in RowChunks.Of(sequences, withLogits ? config.VocabularySize : 8 * config.HiddenSize))
        {
            var length = chunk.Max(r => (long)r.Prompt.Length + r.Response.Length);
            var responses = withLogits ? chunk.Sum(r => (long)r.Response.Length) : 0;
            var numbers = Forward(config, chunk.Count * length, Plain + (isLora ? LoraOutputs : 0)) + Bias(config, 1, length);

            // Logits, divided by the temperature, log-softmax, and for the entropy two more.
            largest = largest.Or(new Workspace(Number * numbers, Logits: Number * responses * config.VocabularySize * 5));
        }

        return largest;
    }

    /// <summary>Generation with a KV cache: 2·L·B·(P + R)·H numbers, one of its 2·L parts once more while rows are left out. The
    /// prompts' forward pass is the largest; LoRA is merged into the weights before.</summary>
    /// <param name="config">The model.</param>
    /// <param name="rows">B.</param>
    /// <param name="promptTokens">P, tokens of the longest prompt.</param>
    /// <param name="responseTokens">R, tokens of the longest response allowed.</param>
    public static Workspace Generation(ModelConfig config, long rows, long promptTokens, long responseTokens)
    {
        ArgumentNullException.ThrowIfNull(config);
        var slots = rows * (promptTokens + responseTokens);
        return new Workspace(
            Number * (Forward(config, rows * promptTokens, Plain) + Bias(config, rows, promptTokens)),
            Logits: Number * rows * config.VocabularySize * 4,
            KvCache: Number * ((2L * config.Layers) + 1) * slots * config.HiddenSize);
    }

    private static long Forward(ModelConfig config, long tokens, long perBlock) => tokens * config.HiddenSize * ((perBlock * config.Layers) + 3);

    private static long Bias(ModelConfig config, long rows, long length) => rows * config.Heads * length * length;
}
