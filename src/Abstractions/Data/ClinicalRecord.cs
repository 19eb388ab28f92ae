namespace ClinicalGpt.Orleans.Abstractions.Data;

/// <summary>One training or evaluation case after import, whatever its file's layout was.</summary>
public sealed record ClinicalRecord
{
    /// <summary>Identity within the data set: file name and 1-based record number, for example <c>sft.jsonl:17</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Everything the model is given, template included.</summary>
    public required string Prompt { get; init; }

    /// <summary>The answer to learn or to compare with; null for prompts alone.</summary>
    public string? Completion { get; init; }

    /// <summary>The preferred answer of a comparison.</summary>
    public string? Chosen { get; init; }

    /// <summary>The other answer of a comparison.</summary>
    public string? Rejected { get; init; }

    /// <summary>What kind of case it is, for breakdowns, for example <c>right>wrong</c>.</summary>
    public string? Kind { get; init; }

    /// <summary>Group for breakdowns: exam subject or disease group.</summary>
    public string? Group { get; init; }

    /// <summary>Knowledge-graph subject the answer can be checked against.</summary>
    public string? Subject { get; init; }

    /// <summary>Knowledge-graph relation the answer can be checked against.</summary>
    public string? Relation { get; init; }

    /// <summary><c>zh</c> or <c>en</c>, where known.</summary>
    public string? Language { get; init; }

    /// <summary>Options of an exam question, in order.</summary>
    public IReadOnlyList<string>? Options { get; init; }

    /// <summary>0-based index of the right option.</summary>
    public int? AnswerIndex { get; init; }
}

/// <summary>An imported data set as the run keeps it: a blob of JSON lines of <see cref="ClinicalRecord"/>.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.DatasetReference")]
public sealed record DatasetReference
{
    /// <summary>Its role in the run, for example <c>sft</c>.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>SHA-256 of the blob, lower-case hex.</summary>
    [Id(1)]
    public required string Hash { get; init; }

    /// <summary>Records kept.</summary>
    [Id(2)]
    public required int Records { get; init; }

    /// <summary>Records left out: duplicates, empty answers, too long.</summary>
    [Id(3)]
    public int Skipped { get; init; }
}
