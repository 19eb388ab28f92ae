namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>The special tokens around a text, of a TemplateProcessing's <c>single</c>.</summary>
/// <param name="Before">Ids before the text.</param>
/// <param name="After">Ids after the text.</param>
internal sealed record TokenTemplate(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <summary>Nothing around the text.</summary>
    public static TokenTemplate None { get; } = new([], []);
}
