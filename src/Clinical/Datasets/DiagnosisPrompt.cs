using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>How a medical record becomes a prompt: its concatenated notes are the input, the diagnosis the output (ClinicalGPT 2.1).</summary>
public static class DiagnosisPrompt
{
    /// <summary>Renders the prompt.</summary>
    /// <param name="notes">The record's notes.</param>
    /// <param name="options">For the templates.</param>
    public static string Render(string notes, DataOptions options) => Conversation.Single(notes, options);
}
