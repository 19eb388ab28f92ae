namespace ClinicalGpt.Orleans.Storage.Embedded;

/// <summary>Where the private server keeps its data and where it listens.</summary>
public sealed record EmbeddedPostgresOptions
{
    /// <summary>Folder of the server: data, password and log. Created when missing, used again when present.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Port on 127.0.0.1, 1 to 65535. Default: 0, a free port. A server that already runs on the folder keeps
    /// its port.</summary>
    public int Port { get; init; }

    /// <summary>Most connections of the server. Default: 100.</summary>
    public int MaxConnections { get; init; } = 100;

    /// <summary>Gets one line per thing a person would want to know. Default: none.</summary>
    public Action<string>? Log { get; init; }
}
