using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Grains.Devices;
using ClinicalGpt.Orleans.Learning.Generation;
using ClinicalGpt.Orleans.Learning.Ppo;
using ClinicalGpt.Orleans.Learning.RewardModel;

namespace ClinicalGpt.Orleans.Grains.Compute;

/// <summary>Generation, log-probabilities and scores as jobs on the silo's device.</summary>
/// <param name="device">The silo's device.</param>
public sealed class TorchInference(DeviceHost device) : IRolloutCompute, IReferenceCompute, IRewardCompute
{
    /// <inheritdoc/>
    public Task<GeneratedChunk> GenerateAsync(RolloutRequest request, CancellationToken cancellationToken) => device.Models.RunAsync(
        $"{request.RunId} generate {request.Iteration}/{request.Chunk}",
        request.Policy,
        request.Threads,
        DeviceNeed.Generating(request.Prompts, request.Sampling.MaxResponseTokens),
        (loaded, set) =>
        {
            var result = Sampler.Generate(loaded.Model, set, request.Prompts, request.Sampling, request.Seeds);
            return new GeneratedChunk(result.Sequences, result.LogProbs, result.FinishReasons, Texts(loaded, result.Sequences));
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<float[]> LogProbsAsync(ScoreRequest request, CancellationToken cancellationToken) => device.Models.RunAsync(
        "reference log-probs",
        request.Model,
        request.Threads,
        DeviceNeed.LogProbs(request.Sequences),
        (loaded, set) => LogProbabilities.OfResponses(loaded.Model, set, request.Sequences, request.Temperature),
        cancellationToken);

    /// <inheritdoc/>
    public Task<float[]> ScoresAsync(ScoreRequest request, CancellationToken cancellationToken) => device.Models.RunAsync(
        "reward scores",
        request.Model,
        request.Threads,
        DeviceNeed.Scores(request.Sequences),
        (loaded, set) => RewardTrainer.Scores(loaded.Model, set!, request.Sequences),
        cancellationToken);

    private static string[] Texts(LoadedBase loaded, SequenceBlock sequences) =>
        [.. sequences.ToRows().Select(r => loaded.Tokenizer.Decode(r.Response, skipSpecialTokens: true))];
}
