using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Learning.Generation;

/// <summary>What <see cref="Sampler"/> produced.</summary>
/// <param name="Sequences">Prompts and responses, EOS included.</param>
/// <param name="LogProbs">Log-probability of each response token at the sampling temperature (1 when greedy), nats; ragged, row after row.</param>
/// <param name="FinishReasons">Why each response ended.</param>
public sealed record GenerationResult(SequenceBlock Sequences, float[] LogProbs, FinishReason[] FinishReasons);
