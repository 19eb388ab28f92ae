namespace ClinicalGpt.Orleans.Abstractions.Errors;

/// <summary>One thing that is wrong with the user's input or surroundings, and what to do about it.</summary>
/// <param name="Code">Stable code, <c>CGPTnnnn</c>, with a heading in <c>docs/reference/errors.md</c>.</param>
/// <param name="Message">What is wrong, with the value, what is allowed and what to do. Never patient text.</param>
/// <param name="File">The file it was found in, or null.</param>
/// <param name="Line">1-based line in <paramref name="File"/>, or null.</param>
/// <param name="Key">The configuration key or field concerned, or null.</param>
[GenerateSerializer, Immutable, Alias("clinicalgpt.Problem")]
public sealed record Problem(
    [property: Id(0)] string Code,
    [property: Id(1)] string Message,
    [property: Id(2)] string? File = null,
    [property: Id(3)] int? Line = null,
    [property: Id(4)] string? Key = null)
{
    /// <summary>One line for a terminal: <c>file:line: key: CGPTnnnn: message</c>, without the parts that are absent.</summary>
    public override string ToString()
    {
        var place = File is null ? "" : Line is null ? $"{File}: " : $"{File}:{Line}: ";
        var key = Key is null ? "" : $"{Key}: ";
        return $"{place}{key}{Code}: {Message}";
    }
}
