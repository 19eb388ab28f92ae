using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Grains;

/// <summary>Carries a run out: the stage machine. Key: run id. Calls return at once; the work goes on in the grain.</summary>
[Alias("clinicalgpt.IRunGrain")]
public interface IRunGrain : IGrainWithStringKey
{
    /// <summary>Starts the run. Idempotent: the same recipe again returns the run as it stands.</summary>
    /// <param name="request">The recipe.</param>
    /// <exception cref="Errors.ProblemException">CGPT4004: the id exists with another recipe; CGPT2xxx: the recipe is wrong.</exception>
    [Alias("Start"), ResponseTimeout("00:00:30")]
    Task<RunSnapshot> Start(StartRun request);

    /// <summary>The run at this moment; never waits for work.</summary>
    /// <exception cref="Errors.ProblemException">CGPT4005: no such run.</exception>
    [AlwaysInterleave, Alias("GetSnapshot"), ResponseTimeout("00:00:10")]
    Task<RunSnapshot> GetSnapshot();

    /// <summary>Pauses after the iteration in progress.</summary>
    [AlwaysInterleave, Alias("Pause"), ResponseTimeout("00:00:10")]
    Task<RunSnapshot> Pause();

    /// <summary>Goes on after a pause, or after a failure whose cause is gone.</summary>
    [AlwaysInterleave, Alias("Resume"), ResponseTimeout("00:00:10")]
    Task<RunSnapshot> Resume();

    /// <summary>Ends the run: the iteration in progress is given up, what is committed stays.</summary>
    [AlwaysInterleave, Alias("Stop"), ResponseTimeout("00:00:10")]
    Task<RunSnapshot> Stop();
}
