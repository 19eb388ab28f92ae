namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>What the run grain keeps in grain storage: that a run was started under this id, and with which recipe. Where
/// the run stands is in its last commit and nowhere else, so the two cannot disagree.</summary>
[GenerateSerializer, Alias("clinicalgpt.RunState")]
public sealed record RunState
{
    /// <summary>SHA-256 of the resolved recipe; empty: no run was started under this id.</summary>
    [Id(0)]
    public string RecipeHash { get; init; } = "";
}
