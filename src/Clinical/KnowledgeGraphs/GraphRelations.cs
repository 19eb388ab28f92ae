namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>The relations the question and answer wordings exist for.</summary>
public static class GraphRelations
{
    /// <summary>Disease to symptom.</summary>
    public const string Symptom = "symptom";

    /// <summary>Disease to examination.</summary>
    public const string Test = "test";

    /// <summary>Disease to drug.</summary>
    public const string Drug = "drug";

    /// <summary>Disease to treatment other than drugs.</summary>
    public const string Treatment = "treatment";

    /// <summary>Disease to complication.</summary>
    public const string Complication = "complication";

    /// <summary>All five, in the order data are generated.</summary>
    public static IReadOnlyList<string> All { get; } = [Symptom, Test, Drug, Treatment, Complication];
}
