namespace ClinicalGpt.Orleans.Storage.Migrations;

/// <summary>What a migration did.</summary>
/// <param name="From">Schema version found; 0: an empty database.</param>
/// <param name="To">Schema version now.</param>
/// <param name="Applied">Names of the scripts applied, in order.</param>
public sealed record MigrationResult(int From, int To, IReadOnlyList<string> Applied);
