using ClinicalGpt.Orleans.Abstractions.Data;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>What an import gave.</summary>
/// <param name="Records">Records kept, in file order.</param>
/// <param name="Skipped">Records left out.</param>
/// <param name="SkipReasons">Records left out by reason, see <see cref="SkipReason"/>.</param>
public sealed record ImportResult(
    IReadOnlyList<ClinicalRecord> Records, int Skipped, IReadOnlyDictionary<string, int> SkipReasons);

/// <summary>Why a record that is well formed is left out.</summary>
public static class SkipReason
{
    /// <summary>The same prompt and answers occurred before.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Chosen and rejected answer are the same.</summary>
    public const string SameAnswers = "chosen equals rejected";

    /// <summary>A conversation without a turn of the assistant.</summary>
    public const string NoAnswer = "no answer in the conversation";
}
