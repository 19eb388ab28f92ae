namespace ClinicalGpt.Orleans.Storage.Connections;

/// <summary>How long the database may be away before a call fails.</summary>
public sealed record DatabaseRetryOptions
{
    /// <summary>Pause before the second try; doubles from there. Default: 0.2 s.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>Longest pause between two tries. Default: 5 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time from the first failure after which the call fails. Longer: more patience with a database that
    /// restarts; shorter: a wrong address is told earlier. Default: 2 minutes.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Time without an answer after which a call that has not failed yet counts as waiting for the database: what a
    /// server that hangs looks like before its connections time out. Default: 5 s.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromSeconds(5);
}
