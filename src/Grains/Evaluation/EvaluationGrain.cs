using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Grains;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Data;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Grains.Placement;

namespace ClinicalGpt.Orleans.Grains.Evaluation;

/// <summary>Measures a model on a set. Stateless: a repeated request gives the same figures.</summary>
/// <param name="device">The silo's device.</param>
/// <param name="data">Imported data sets.</param>
/// <param name="blobs">For the knowledge graph.</param>
[RequiresRole("rollout")]
public sealed class EvaluationGrain(DeviceHost device, RunData data, IBlobStore blobs) : Grain, IEvaluationGrain
{
    /// <inheritdoc/>
    public async Task<EvaluationResult> Evaluate(EvaluationRequest request, CancellationToken cancellationToken)
    {
        var recipe = RecipeJson.Read(request.RecipeJson);
        var records = await data.ReadAsync(request.Dataset, cancellationToken);
        ClinicalRecord[] cases = [.. records.Take(request.MaxCases)];
        var probe = new ModelProbe(device, request, recipe, await device.Models.GetBaseAsync(request.Model.Base), cancellationToken);
        return request.Kind switch
        {
            EvaluationKind.Loss => await Measures.LossAsync(probe, cases),
            EvaluationKind.GraphAgreement => await Measures.GraphAgreementAsync(
                probe, cases, await blobs.GetAsync(request.GraphHash!, cancellationToken)),
            EvaluationKind.Exam => await Measures.ExamAsync(probe, cases),
            EvaluationKind.TextOverlap => await Measures.TextOverlapAsync(probe, cases),
            EvaluationKind.Ranking => await Measures.RankingAsync(probe, cases),
            EvaluationKind.Diagnosis => await Measures.DiagnosisAsync(probe, cases),
            _ => throw new ArgumentOutOfRangeException(nameof(request), request.Kind, "no such evaluation"),
        };
    }
}
