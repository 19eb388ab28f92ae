using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Trains a byte-level BPE tokenizer. The same texts, in whatever order, give the same bytes.</summary>
public static class BpeTrainer
{
    /// <summary>Special tokens and bytes: the vocabulary before the first merge.</summary>
    internal const int BaseSize = 260;

    /// <summary>Trains a tokenizer.</summary>
    /// <param name="texts">The texts to learn from; read once.</param>
    /// <param name="options">How.</param>
    /// <returns>A tokenizer.json: <c>&lt;unk&gt;</c> 0, <c>&lt;s&gt;</c> 1, <c>&lt;/s&gt;</c> 2, <c>&lt;pad&gt;</c> 3, the 256
    /// byte symbols, then merges. Words of Latin letters, runs of Chinese characters and every other character are cut
    /// apart first, so that separators never merge with names.</returns>
    /// <exception cref="ProblemException"><see cref="ErrorCodes.RecipeValueRange"/>: the vocabulary has no room for the bytes.</exception>
    public static byte[] Train(IEnumerable<string> texts, BpeTrainerOptions options)
    {
        if (options.VocabularySize < BaseSize || options.MinPairCount < 1)
        {
            throw new ProblemException(
                ErrorCodes.RecipeValueRange,
                $"a byte-level vocabulary must have at least {BaseSize} entries and count pairs from 1; "
                + $"asked for were {options.VocabularySize} entries and {options.MinPairCount}");
        }

        List<string> tokens =
        [
            .. TrainedTokenizerJson.SpecialTokens, .. ByteLevelAlphabet.Characters.Select(character => character.ToString()),
        ];
        var learner = new MergeLearner(CountWords(texts), tokens, options.MinPairCount);
        var merges = new List<(string Left, string Right)>();
        while (tokens.Count < options.VocabularySize && learner.TryLearn(out var merge))
        {
            merges.Add(merge);
        }

        return TrainedTokenizerJson.Write(tokens, merges);
    }

    private static Dictionary<string, long> CountWords(IEnumerable<string> texts)
    {
        // The words are the very pieces that encoding will see: the same component reads the same JSON.
        var section = JsonSection.Parse(
            TrainedTokenizerJson.PreTokenizer(), "tokenizer.json", ErrorCodes.TokenizerInvalid);
        var preTokenizer = ComponentJson.ReadPreTokenizer(section);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var pieces = new List<string>();
        foreach (var text in texts)
        {
            pieces.Clear();
            preTokenizer.Split(text, pieces);
            foreach (var piece in pieces)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, piece, out _)++;
            }
        }

        return counts;
    }
}
