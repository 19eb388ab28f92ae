namespace ClinicalGpt.Orleans.Grains.Runs;

/// <summary>What the run grain keeps in grain storage: enough to know on activation that there is a run and what it was
/// doing. The commit in the run store is the truth; this is reconciled with it.</summary>
[GenerateSerializer, Alias("clinicalgpt.RunState")]
public sealed record RunState
{
    /// <summary>SHA-256 of the resolved recipe; empty: no run was started under this id.</summary>
    [Id(0)]
    public string RecipeHash { get; init; } = "";

    /// <summary>Stage of the last commit seen.</summary>
    [Id(1)]
    public string Stage { get; init; } = "";

    /// <summary>Next iteration of that stage.</summary>
    [Id(2)]
    public int Iteration { get; init; }

    /// <summary>Epoch of the activation that wrote this.</summary>
    [Id(3)]
    public long Epoch { get; init; }
}
