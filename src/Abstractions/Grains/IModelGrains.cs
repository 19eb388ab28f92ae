using ClinicalGpt.Orleans.Abstractions.Messages;

namespace ClinicalGpt.Orleans.Abstractions.Grains;

/// <summary>Trains the policy: language model and SFT blocks, PPO iterations. Key: run id / rank. Role <c>policy</c>.</summary>
[Alias("clinicalgpt.IPolicyGrain")]
public interface IPolicyGrain : IGrainWithStringKey
{
    /// <summary>Takes the steps of a block. The same request again gives the same checkpoint.</summary>
    /// <param name="request">The block.</param>
    /// <param name="cancellationToken">Abandons the block between steps.</param>
    [Alias("Train"), ResponseTimeout("02:00:00")]
    Task<TrainBlockResult> Train(TrainBlockRequest request, CancellationToken cancellationToken);

    /// <summary>Learns from one iteration's experience. The same request again gives the same checkpoint.</summary>
    /// <param name="request">The experience.</param>
    /// <param name="cancellationToken">Abandons the iteration between minibatches.</param>
    [Alias("Learn"), ResponseTimeout("02:00:00")]
    Task<LearnResult> Learn(LearnRequest request, CancellationToken cancellationToken);
}

/// <summary>The frozen SFT model. Key: run id / replica. Role <c>reference</c>.</summary>
[Alias("clinicalgpt.IReferenceGrain")]
public interface IReferenceGrain : IGrainWithStringKey
{
    /// <summary>Log-probability of each response token, nats, ragged.</summary>
    /// <param name="request">Model and sequences.</param>
    /// <param name="cancellationToken">Gives up while queued.</param>
    [Alias("LogProbs"), ResponseTimeout("00:30:00")]
    Task<ScoreResult> LogProbs(ScoreRequest request, CancellationToken cancellationToken);
}

/// <summary>The reward model: trains in its stage, scores in PPO. Key: run id / replica. Role <c>reward</c>.</summary>
[Alias("clinicalgpt.IRewardModelGrain")]
public interface IRewardModelGrain : IGrainWithStringKey
{
    /// <summary>Takes the steps of a block of ranking training.</summary>
    /// <param name="request">The block.</param>
    /// <param name="cancellationToken">Abandons the block between steps.</param>
    [Alias("Train"), ResponseTimeout("02:00:00")]
    Task<TrainBlockResult> Train(TrainBlockRequest request, CancellationToken cancellationToken);

    /// <summary>Raw score of each sequence at its last real token.</summary>
    /// <param name="request">Model and sequences.</param>
    /// <param name="cancellationToken">Gives up while queued.</param>
    [Alias("Score"), ResponseTimeout("00:30:00")]
    Task<ScoreResult> Score(ScoreRequest request, CancellationToken cancellationToken);
}

/// <summary>Generates responses and has them scored. Disposable. Key: run id / worker. Role <c>rollout</c>.</summary>
[Alias("clinicalgpt.IRolloutGrain")]
public interface IRolloutGrain : IGrainWithStringKey
{
    /// <summary>Answers a chunk of prompts and collects reference log-probabilities and scores.</summary>
    /// <param name="request">The chunk.</param>
    /// <param name="cancellationToken">Gives up while queued.</param>
    [Alias("Generate"), ResponseTimeout("00:30:00")]
    Task<Experience> Generate(RolloutRequest request, CancellationToken cancellationToken);
}

/// <summary>Measures a model. Key: run id / evaluation. Role <c>rollout</c>.</summary>
[Alias("clinicalgpt.IEvaluationGrain")]
public interface IEvaluationGrain : IGrainWithStringKey
{
    /// <summary>Carries out one evaluation.</summary>
    /// <param name="request">Model, set and measure.</param>
    /// <param name="cancellationToken">Gives up between batches.</param>
    [Alias("Evaluate"), ResponseTimeout("02:00:00")]
    Task<EvaluationResult> Evaluate(EvaluationRequest request, CancellationToken cancellationToken);
}

/// <summary>Builds exported files. Key: run id.</summary>
[Alias("clinicalgpt.IExportGrain")]
public interface IExportGrain : IGrainWithStringKey
{
    /// <summary>The files, chunk by chunk.</summary>
    /// <param name="request">What to export.</param>
    /// <param name="cancellationToken">Ends the export.</param>
    [Alias("Export"), ResponseTimeout("00:10:00")]
    IAsyncEnumerable<FileChunk> Export(ExportRequest request, CancellationToken cancellationToken);
}

/// <summary>A window on a silo's device. Key: <c>device@silo</c>, with the silo's name after the sign.</summary>
[Alias("clinicalgpt.IDeviceGrain")]
public interface IDeviceGrain : IGrainWithStringKey
{
    /// <summary>Memory plan, queue, health.</summary>
    [AlwaysInterleave, Alias("GetStatus"), ResponseTimeout("00:00:10")]
    Task<DeviceStatus> GetStatus();

    /// <summary>Begins to drain the silo: it gets no new work, finishes what it holds, hands its runs over after their next
    /// commit, and leaves the cluster. Returns at once; <see cref="GetStatus"/> shows what it still holds.</summary>
    [AlwaysInterleave, Alias("Drain"), ResponseTimeout("00:00:10")]
    Task<DeviceStatus> Drain();

    /// <summary>Tells this silo that another is drained, so that it places nothing there.</summary>
    /// <param name="silo">The address of the drained silo, in Orleans' parsable form.</param>
    [AlwaysInterleave, Alias("MarkDrained"), ResponseTimeout("00:00:10")]
    Task MarkDrained(string silo);

    /// <summary>Ends the grains that worked on this silo for a run that is over, so that nothing of it stays on the device.</summary>
    /// <param name="runId">The run.</param>
    [AlwaysInterleave, Alias("ReleaseRun"), ResponseTimeout("00:00:10")]
    Task ReleaseRun(string runId);
}
