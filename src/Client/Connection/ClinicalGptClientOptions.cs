using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Client.Connection;

/// <summary>How to reach a cluster. Give either <see cref="ConnectionString"/> or <see cref="GatewayPort"/>.</summary>
public sealed record ClinicalGptClientOptions
{
    /// <summary>Connection string of the cluster's PostgreSQL, where the client finds the silos. Default: none.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Gateway port of a silo on this machine, 1 to 65535, found without a database. Default: none.</summary>
    public int? GatewayPort { get; set; }

    /// <summary>The cluster's id, as its silos have it. Default: clinicalgpt.</summary>
    public string ClusterId { get; set; } = "clinicalgpt";

    /// <summary>The service's id, as the silos have it. Default: clinicalgpt.</summary>
    public string ServiceId { get; set; } = "clinicalgpt";

    /// <summary>Time one attempt of a call may take, 100 ms to 5 min. A call in flight to a silo that dies is never answered:
    /// this is how long that goes unnoticed. Default: 10 s.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time a call is repeated for, and connecting is tried for, while silos do not answer; 0 to 1 h. Default: 60 s,
    /// which outlasts the loss of a silo and the restart of a cluster.</summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Time between two looks at a run that is watched or waited for, 10 ms to 1 h. Default: 1 s.</summary>
    public TimeSpan WatchInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ProblemException">CGPT2007, one problem for each impossible setting.</exception>
    public void Validate()
    {
        var problems = new List<Problem>();
        var hasDatabase = !string.IsNullOrWhiteSpace(ConnectionString);
        Check(
            hasDatabase != GatewayPort.HasValue,
            nameof(ConnectionString),
            hasDatabase
                ? "goes without GatewayPort; give one of the two."
                : "is empty, and so is GatewayPort; give one of the two.");
        Check(GatewayPort is null or (>= 1 and <= 65535), nameof(GatewayPort), $"must be 1 to 65535; it is {GatewayPort}.");
        Check(!string.IsNullOrWhiteSpace(ClusterId), nameof(ClusterId), "must not be empty; the silos' default is clinicalgpt.");
        Check(!string.IsNullOrWhiteSpace(ServiceId), nameof(ServiceId), "must not be empty; the silos' default is clinicalgpt.");
        CheckTime(CallTimeout, nameof(CallTimeout), TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        CheckTime(RetryFor, nameof(RetryFor), TimeSpan.Zero, TimeSpan.FromHours(1));
        CheckTime(WatchInterval, nameof(WatchInterval), TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
        if (problems.Count > 0)
        {
            throw new ProblemException(problems);
        }

        void Check(bool holds, string key, string message)
        {
            if (!holds)
            {
                problems.Add(new Problem(ErrorCodes.SettingInvalid, message, Key: key));
            }
        }

        void CheckTime(TimeSpan value, string key, TimeSpan least, TimeSpan most) =>
            Check(value >= least && value <= most, key, $"must be {least:c} to {most:c}; it is {value:c}.");
    }
}
