using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Messages;

/// <summary>Where a run stands.</summary>
public enum RunStatus
{
    /// <summary>Accepted, not begun.</summary>
    Pending = 0,

    /// <summary>Checking model and data.</summary>
    Validating = 1,

    /// <summary>Working.</summary>
    Running = 2,

    /// <summary>Will pause after the iteration in progress.</summary>
    Pausing = 3,

    /// <summary>Paused; resumes on request.</summary>
    Paused = 4,

    /// <summary>Its silo is leaving; another one goes on.</summary>
    Draining = 5,

    /// <summary>Done.</summary>
    Completed = 6,

    /// <summary>Ended by an error that repeating does not cure; see the reason.</summary>
    Failed = 7,

    /// <summary>Stopped on request.</summary>
    Cancelled = 8,
}

/// <summary>A request to start a run. The same id with the same recipe again is answered with the run as it stands.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.StartRun")]
public sealed record StartRun
{
    /// <summary>The resolved recipe as JSON (<see cref="Recipes.RecipeJson"/>).</summary>
    [Id(0)]
    public required string RecipeJson { get; init; }
}

/// <summary>A consistent view of a run at one moment.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.RunSnapshot")]
public sealed record RunSnapshot
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>Grows with every change; equal numbers mean equal snapshots of one activation.</summary>
    [Id(1)]
    public long Version { get; init; }

    /// <summary>The recipe's name.</summary>
    [Id(2)]
    public string Name { get; init; } = "";

    /// <summary>Where the run stands.</summary>
    [Id(3)]
    public RunStatus Status { get; init; }

    /// <summary>Why it failed, or what it waits for; null otherwise.</summary>
    [Id(4)]
    public Problem? Reason { get; init; }

    /// <summary>The stage in progress: data, pretrain, sft, reward, ppo, evaluate; done at the end.</summary>
    [Id(5)]
    public string Stage { get; init; } = "";

    /// <summary>What the stage is doing: generate, learn, commit, ...</summary>
    [Id(6)]
    public string Phase { get; init; } = "";

    /// <summary>When the phase began.</summary>
    [Id(7)]
    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>Next iteration (or step block, or evaluation) of the stage, 0-based: how many are committed.</summary>
    [Id(8)]
    public int Iteration { get; init; }

    /// <summary>Iterations of the stage.</summary>
    [Id(9)]
    public int TotalIterations { get; init; }

    /// <summary>Metrics of the last commit of this stage.</summary>
    [Id(10)]
    public Dictionary<string, double> Metrics { get; init; } = [];

    /// <summary>When the run was created.</summary>
    [Id(11)]
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When this snapshot was made.</summary>
    [Id(12)]
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Estimated seconds to the end of the stage; null while unknown.</summary>
    [Id(13)]
    public double? StageSecondsLeft { get; init; }

    /// <summary>Epoch of the activation: how often the run was taken up.</summary>
    [Id(14)]
    public long Epoch { get; init; }

    /// <summary>Silo that carries the run grain.</summary>
    [Id(15)]
    public string Silo { get; init; } = "";

    /// <summary>SHA-256 of the resolved recipe.</summary>
    [Id(16)]
    public string RecipeHash { get; init; } = "";

    /// <summary>SHA-256 over the final policy's parameters, once completed.</summary>
    [Id(17)]
    public string? FinalHash { get; init; }

    /// <summary>Stages of this run in order.</summary>
    [Id(18)]
    public string[] Stages { get; init; } = [];

    /// <summary>Whether nothing more will happen without a request.</summary>
    public bool IsTerminal => Status is RunStatus.Completed or RunStatus.Failed or RunStatus.Cancelled;
}

/// <summary>One committed iteration.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.IterationView")]
public sealed record IterationView
{
    /// <summary>Stage.</summary>
    [Id(0)]
    public required string Stage { get; init; }

    /// <summary>Iteration within the stage, 0-based.</summary>
    [Id(1)]
    public required int Iteration { get; init; }

    /// <summary>Metrics: what must be equal when a run is repeated.</summary>
    [Id(2)]
    public required Dictionary<string, double> Metrics { get; init; }

    /// <summary>Timings in seconds: what differs from run to run.</summary>
    [Id(3)]
    public required Dictionary<string, double> Timings { get; init; }

    /// <summary>When it was committed.</summary>
    [Id(4)]
    public required DateTimeOffset CommittedAt { get; init; }

    /// <summary>How often the iteration was begun; above 1 after a failure.</summary>
    [Id(5)]
    public int Attempts { get; init; } = 1;
}

/// <summary>One training sample with its provenance.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.SampleView")]
public sealed record SampleView
{
    /// <summary>PPO iteration.</summary>
    [Id(0)]
    public required int Iteration { get; init; }

    /// <summary>Index within the iteration.</summary>
    [Id(1)]
    public required int Index { get; init; }

    /// <summary>Record the prompt came from.</summary>
    [Id(2)]
    public required string RecordId { get; init; }

    /// <summary>The prompt.</summary>
    [Id(3)]
    public required string Prompt { get; init; }

    /// <summary>The response.</summary>
    [Id(4)]
    public required string Response { get; init; }

    /// <summary>Response tokens, EOS included.</summary>
    [Id(5)]
    public required int ResponseTokens { get; init; }

    /// <summary>Raw score of the reward model.</summary>
    [Id(6)]
    public required double Score { get; init; }

    /// <summary>Normalised, clipped score that entered the reward.</summary>
    [Id(7)]
    public required double Reward { get; init; }

    /// <summary>KL to the reference over the response, nats.</summary>
    [Id(8)]
    public required double Kl { get; init; }

    /// <summary>Why the response ended.</summary>
    [Id(9)]
    public required FinishReason FinishReason { get; init; }

    /// <summary>Seed of the draws.</summary>
    [Id(10)]
    public required ulong Seed { get; init; }

    /// <summary>Sampling temperature.</summary>
    [Id(11)]
    public required double Temperature { get; init; }

    /// <summary>Identity of the policy that sampled.</summary>
    [Id(12)]
    public required string PolicyHash { get; init; }

    /// <summary>Identity of the reference.</summary>
    [Id(13)]
    public required string ReferenceHash { get; init; }

    /// <summary>Identity of the reward model.</summary>
    [Id(14)]
    public required string RewardHash { get; init; }
}

/// <summary>Which samples to return.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.SampleQuery")]
public sealed record SampleQuery
{
    /// <summary>First iteration.</summary>
    [Id(0)]
    public int FromIteration { get; init; }

    /// <summary>Last iteration, inclusive; null: the newest.</summary>
    [Id(1)]
    public int? ToIteration { get; init; }

    /// <summary>Most samples to return, 1 to 1000.</summary>
    [Id(2)]
    public int Limit { get; init; } = 100;

    /// <summary>Samples to pass over, for paging.</summary>
    [Id(3)]
    public int Offset { get; init; }

    /// <summary>Newest iteration first.</summary>
    [Id(4)]
    public bool NewestFirst { get; init; }
}

/// <summary>One thing that happened to a run.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.RunEvent")]
public sealed record RunEvent(
    [property: Id(0)] DateTimeOffset At, [property: Id(1)] string Kind, [property: Id(2)] string Detail);

/// <summary>A line of the list of runs.</summary>
[GenerateSerializer, Immutable, Alias("clinicalgpt.RunSummary")]
public sealed record RunSummary
{
    /// <summary>The run.</summary>
    [Id(0)]
    public required string RunId { get; init; }

    /// <summary>The recipe's name.</summary>
    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Where it stands, as last written.</summary>
    [Id(2)]
    public required RunStatus Status { get; init; }

    /// <summary>Stage of the last commit.</summary>
    [Id(3)]
    public required string Stage { get; init; }

    /// <summary>Next iteration of that stage.</summary>
    [Id(4)]
    public required int Iteration { get; init; }

    /// <summary>When it was created.</summary>
    [Id(5)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last changed.</summary>
    [Id(6)]
    public required DateTimeOffset UpdatedAt { get; init; }
}
