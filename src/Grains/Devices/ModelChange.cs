using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Formats.HuggingFace;

namespace ClinicalGpt.Orleans.Grains.Devices;

/// <summary>Says how a model folder differs from what a run was submitted with.</summary>
internal static class ModelChange
{
    private const string PutBack = "Put the original back and `clinicalgpt run resume`, or submit a new run.";

    public static bool IsChanged(BaseModelReference reference) =>
        reference.Files.Count > 0 && Differing(reference).Count > 0;

    /// <summary>CGPT3006, one problem for each file.</summary>
    public static ProblemException Describe(BaseModelReference reference)
    {
        var differing = Differing(reference);
        return differing.Count == 0
            ? new ProblemException(
                ErrorCodes.ModelChanged,
                $"the model folder has content hash {ModelFolder.ComputeContentHash(reference.Path)}; the run was submitted with {reference.ContentHash}. {PutBack}",
                reference.Path)
            : new ProblemException([.. differing.Select(d => new Problem(
                ErrorCodes.ModelChanged,
                $"has SHA-256 {d.Now ?? "none, it is gone"}; the run was submitted with {d.Before ?? "none, it was not there"}. {PutBack}",
                Path.Combine(reference.Path, d.File)))]);
    }

    /// <summary>The same code as for a folder that was never there, with what to do about one that was.</summary>
    public static ProblemException Gone(BaseModelReference reference, ProblemException cause) => new(
        [.. cause.Problems.Select(p => p with
        {
            Message = $"{p.Message}. A run computes with the base model of this folder until its end, since only what it trained is kept in the "
                + $"database. If the run has begun, put back what it was submitted with (content hash {reference.ContentHash[..12]}…) and `clinicalgpt run resume`.",
        })]);

    private static List<(string File, string? Before, string? Now)> Differing(BaseModelReference reference)
    {
        if (reference.Files.Count == 0)
        {
            return [];
        }

        var now = ModelFolder.HashFiles(reference.Path);
        return [.. reference.Files.Keys.Union(now.Keys).Order(StringComparer.Ordinal)
            .Select(f => (File: f, Before: reference.Files.GetValueOrDefault(f), Now: now.GetValueOrDefault(f)))
            .Where(f => f.Before != f.Now)];
    }
}
