using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Formats.Tokenizers;

namespace ClinicalGpt.Orleans.Grains.Data;

/// <summary>Records as token sequences: optional BOS, the prompt, the answer, EOS. A prompt that is too long loses its
/// beginning, since what stands before the answer matters most.</summary>
/// <param name="tokenizer">The base model's.</param>
/// <param name="config">For the ids of BOS and EOS.</param>
/// <param name="recipe">For BOS and the longest length.</param>
public sealed class RecordTokenizer(Tokenizer tokenizer, ModelConfig config, Recipe recipe)
{
    /// <summary>A prompt.</summary>
    /// <param name="text">The text, template included.</param>
    /// <param name="room">Tokens to leave for the response.</param>
    public int[] Prompt(string text, int room)
    {
        var ids = tokenizer.Encode(text, parseSpecialTokens: false);
        var most = Math.Max(1, recipe.Data.MaxLength - room - (recipe.Model.AddBos ? 1 : 0));
        var kept = ids.Length > most ? ids[^most..] : ids;
        return recipe.Model.AddBos ? [config.BosTokenId, .. kept] : kept;
    }

    /// <summary>An answer with EOS.</summary>
    /// <param name="text">The text.</param>
    public int[] Answer(string text) => [.. tokenizer.Encode(text, parseSpecialTokens: false), config.EosTokenId];

    /// <summary>A prompt and an answer; null when the answer alone is longer than allowed.</summary>
    /// <param name="prompt">The prompt's text; null: none (the answer-only baseline).</param>
    /// <param name="answer">The answer's text.</param>
    public (int[] Prompt, int[] Response)? Pair(string? prompt, string answer)
    {
        var response = Answer(answer);
        return response.Length >= recipe.Data.MaxLength
            ? null
            : (prompt is null ? [config.BosTokenId] : Prompt(prompt, response.Length), response);
    }

    /// <summary>Prompt and completion of each record that fits.</summary>
    /// <param name="records">Records with completions.</param>
    public IReadOnlyList<(int[] Prompt, int[] Response)> Pairs(IEnumerable<ClinicalRecord> records) =>
        [.. records.Select(r => Pair(r.Prompt, r.Completion ?? "")).Where(p => p is not null).Select(p => p!.Value)];

    /// <summary>Chosen and rejected of each comparison that fits.</summary>
    /// <param name="records">Records with comparisons.</param>
    /// <param name="answerOnly">Leave the prompt out.</param>
    public IReadOnlyList<((int[] Prompt, int[] Response) Chosen, (int[] Prompt, int[] Response) Rejected)> Comparisons(
        IEnumerable<ClinicalRecord> records, bool answerOnly)
    {
        var pairs = new List<((int[], int[]), (int[], int[]))>();
        foreach (var record in records)
        {
            var prompt = answerOnly ? null : record.Prompt;
            if (Pair(prompt, record.Chosen ?? "") is { } chosen && Pair(prompt, record.Rejected ?? "") is { } rejected)
            {
                pairs.Add((chosen, rejected));
            }
        }

        return pairs;
    }
}
