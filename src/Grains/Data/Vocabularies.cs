using System.Collections.Concurrent;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.Tokenizers;
using ClinicalGpt.Orleans.Grains.Devices;

namespace ClinicalGpt.Orleans.Grains.Data;

/// <summary>What of a model is needed to write prompts as tokens.</summary>
/// <param name="Tokenizer">Its tokenizer.</param>
/// <param name="Config">For the ids of BOS and EOS.</param>
public sealed record Vocabulary(Tokenizer Tokenizer, ModelConfig Config);

/// <summary>Vocabularies by the model's content hash: a silo that only carries a run needs no weights on a device.</summary>
/// <param name="source">Where models come from.</param>
public sealed class Vocabularies(ModelSource source)
{
    private readonly ConcurrentDictionary<string, Vocabulary> _byHash = new();

    /// <summary>The vocabulary of a base model, read if it is not there.</summary>
    /// <param name="reference">Which.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<Vocabulary> GetAsync(BaseModelReference reference, CancellationToken cancellationToken) =>
        _byHash.TryGetValue(reference.ContentHash, out var known)
            ? known
            : _byHash.GetOrAdd(reference.ContentHash, await source.ReadVocabularyAsync(reference, cancellationToken));
}
