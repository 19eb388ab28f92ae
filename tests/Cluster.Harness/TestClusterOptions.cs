namespace ClinicalGpt.Orleans.Cluster.Harness;

/// <summary>What a cluster is made of.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Roles of each silo, comma-separated; the silos are named silo-1, silo-2, ...</summary>
    public required string[] Roles { get; init; }

    /// <summary>A failpoint for the silos, or null; see <c>FailpointSettings</c>. It fires once in the cluster unless it says otherwise.</summary>
    public string? Failpoint { get; init; }

    /// <summary>The only silo that has the failpoint; null: all have it, and the first to come there fires it.</summary>
    public string? FailpointOn { get; init; }

    /// <summary>Further environment variables of every silo.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
