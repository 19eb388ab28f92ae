using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Storage;

/// <summary>A run as stored.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Name">The recipe's name.</param>
/// <param name="RecipeJson">The resolved recipe.</param>
/// <param name="RecipeHash">SHA-256 of the resolved recipe, lower-case hex.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Reason">Why it failed; null otherwise.</param>
/// <param name="Epoch">How often it was taken up.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it last changed.</param>
public sealed record StoredRun(
    string RunId, string Name, string RecipeJson, string RecipeHash, RunStatus Status, Problem? Reason, long Epoch,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A prompt in the ledger.</summary>
/// <param name="Index">Index of the sample within the iteration.</param>
/// <param name="RecordId">The record the prompt came from.</param>
/// <param name="Seed">Seed of its draws.</param>
public sealed record LedgerEntry(int Index, string RecordId, ulong Seed);

/// <summary>A prompt in the ledger with its state.</summary>
/// <param name="Iteration">PPO iteration.</param>
/// <param name="Index">Index of the sample within the iteration.</param>
/// <param name="RecordId">The record the prompt came from.</param>
/// <param name="Seed">Seed of its draws.</param>
/// <param name="Trained">Whether a commit has trained it; otherwise it is issued.</param>
public sealed record LedgerRow(int Iteration, int Index, string RecordId, ulong Seed, bool Trained);

/// <summary>A blob that a commit names.</summary>
/// <param name="Stage">Stage of the commit.</param>
/// <param name="Iteration">Its iteration.</param>
/// <param name="Hash">The blob.</param>
public sealed record BlobUse(string Stage, int Iteration, string Hash);

/// <summary>What one transaction makes true: metrics, samples, ledger, evaluation and the point to go on from.</summary>
public sealed record IterationCommit
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>Epoch the work was done under; the commit is refused when it is no longer the run's.</summary>
    public required long Epoch { get; init; }

    /// <summary>Stage.</summary>
    public required string Stage { get; init; }

    /// <summary>Iteration within the stage, 0-based.</summary>
    public required int Iteration { get; init; }

    /// <summary>Everything needed to go on, as JSON (<see cref="RunProgress"/>).</summary>
    public required RunProgress Progress { get; init; }

    /// <summary>Metrics that must be equal when the run is repeated.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Metrics of single optimizer steps within the iteration, for stages committed in blocks.</summary>
    public IReadOnlyList<StepMetrics> Steps { get; init; } = [];

    /// <summary>Timings in seconds.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = new Dictionary<string, double>();

    /// <summary>Samples of the iteration; their ledger rows become trained in the same transaction.</summary>
    public IReadOnlyList<SampleView> Samples { get; init; } = [];

    /// <summary>An evaluation that was finished; null: none.</summary>
    public EvaluationResult? Evaluation { get; init; }

    /// <summary>Blobs that exist from now on.</summary>
    public IReadOnlyList<string> Blobs { get; init; } = [];

    /// <summary>Status after the commit; null: unchanged.</summary>
    public RunStatus? Status { get; init; }
}

/// <summary>Runs, commits and what they committed. Every write of a run's work names its epoch and is refused with
/// CGPT4008 when another activation has taken the run up since.</summary>
public interface IRunStore
{
    /// <summary>Creates a run, or returns the one there is.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="name">The recipe's name.</param>
    /// <param name="recipeJson">The resolved recipe.</param>
    /// <param name="recipeHash">Its SHA-256.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ProblemException">CGPT4004: the run exists with another recipe.</exception>
    Task<StoredRun> CreateAsync(
        string runId, string name, string recipeJson, string recipeHash, CancellationToken cancellationToken);

    /// <summary>The run, or null.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<StoredRun?> FindAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Runs, newest first.</summary>
    /// <param name="limit">Most lines.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RunSummary>> ListAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Takes the run up: its epoch grows by one, and every older activation can no longer commit.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The new epoch.</returns>
    Task<long> AcquireEpochAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Writes a status.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">The activation's epoch.</param>
    /// <param name="status">The status.</param>
    /// <param name="reason">Why it failed; null otherwise.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task SetStatusAsync(string runId, long epoch, RunStatus status, Problem? reason, CancellationToken cancellationToken);

    /// <summary>Counts an attempt at an iteration before its work begins.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">The activation's epoch.</param>
    /// <param name="stage">Stage.</param>
    /// <param name="iteration">Iteration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<Attempt> BeginAttemptAsync(string runId, long epoch, string stage, int iteration, CancellationToken cancellationToken);

    /// <summary>Notes what an attempt is about to do, so that a later one can say what ended it.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">The activation's epoch.</param>
    /// <param name="stage">Stage.</param>
    /// <param name="iteration">Iteration.</param>
    /// <param name="doing">Phase and batch; record ids at most, never text of a record.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task NoteAttemptAsync(string runId, long epoch, string stage, int iteration, string doing, CancellationToken cancellationToken);

    /// <summary>Forgets the attempts of an iteration: a person has resumed the run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">The activation's epoch.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task ResetAttemptsAsync(string runId, long epoch, CancellationToken cancellationToken);

    /// <summary>Writes the ledger rows of an iteration as issued; rows that exist must be equal.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="epoch">The activation's epoch.</param>
    /// <param name="iteration">PPO iteration.</param>
    /// <param name="entries">The prompts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task IssueAsync(
        string runId, long epoch, int iteration, IReadOnlyList<LedgerEntry> entries, CancellationToken cancellationToken);

    /// <summary>Commits an iteration in one transaction.</summary>
    /// <param name="commit">What becomes true.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task CommitAsync(IterationCommit commit, CancellationToken cancellationToken);

    /// <summary>The progress of the last commit; null: nothing is committed yet.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<RunProgress?> GetProgressAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Committed iterations in commit order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="stage">Only this stage; null: all.</param>
    /// <param name="fromIteration">First iteration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<IterationView>> GetIterationsAsync(
        string runId, string? stage, int fromIteration, CancellationToken cancellationToken);

    /// <summary>Metrics of single steps of a stage in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<StepMetrics>> GetStepsAsync(string runId, string stage, CancellationToken cancellationToken);

    /// <summary>Samples with provenance.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<SampleView>> GetSamplesAsync(string runId, SampleQuery query, CancellationToken cancellationToken);

    /// <summary>Evaluations in commit order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<EvaluationResult>> GetEvaluationsAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Every blob that a commit of the run names, in commit order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<BlobUse>> GetBlobUsesAsync(string runId, CancellationToken cancellationToken);

    /// <summary>The ledger in (iteration, index) order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<LedgerRow>> GetLedgerAsync(string runId, CancellationToken cancellationToken);
}

/// <summary>What happened to runs, for people who ask afterwards. Append only.</summary>
public interface IAuditLog
{
    /// <summary>Appends an event. Details hold ids, counts and hashes, never a prompt or an answer.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="kind">What happened, for example <c>run.started</c>.</param>
    /// <param name="detail">Particulars.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task AppendAsync(string runId, string kind, string detail, CancellationToken cancellationToken);

    /// <summary>A run's events in order.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task<IReadOnlyList<RunEvent>> ReadAsync(string runId, CancellationToken cancellationToken);
}

/// <summary>An attempt at an iteration.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="LastDoing">Phase and batch last noted by the attempts before; empty: none was.</param>
public sealed record Attempt(int Number, string LastDoing);
