using ClinicalGpt.Orleans.Abstractions.Determinism;

namespace ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

/// <summary>How long the simulated devices take. Every number is a setting, and stands in the report.</summary>
internal sealed record DurationModel
{
    /// <summary>Median answer, tokens; lengths are log-normal.</summary>
    public double MedianTokens { get; init; } = 120;

    /// <summary>Standard deviation of the logarithm of the length: 0.8 makes one answer in fifty longer than five medians.</summary>
    public double Sigma { get; init; } = 0.8;

    /// <summary>Longest answer, tokens.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Seconds a chunk takes before its first token: prompts, scheduling.</summary>
    public double GenerateFixed { get; init; } = 0.2;

    /// <summary>Seconds of a decoding step. A chunk decodes until its longest answer ends.</summary>
    public double SecondsPerToken { get; init; } = 0.025;

    /// <summary>Seconds of any forward pass of reference or reward model.</summary>
    public double ForwardFixed { get; init; } = 0.01;

    /// <summary>Tokens a second of reference and reward model, each.</summary>
    public double ForwardTokensPerSecond { get; init; } = 100_000;

    /// <summary>Seconds of a policy step, whatever its size: loading, saving.</summary>
    public double LearnFixed { get; init; } = 1;

    /// <summary>Seconds of a policy step for each sequence, all epochs together.</summary>
    public double LearnPerSequence { get; init; } = 0.0005;

    /// <summary>Seconds of an iteration's commit.</summary>
    public double Commit { get; init; } = 0.1;

    /// <summary>Length of an answer, from its seed alone.</summary>
    /// <param name="seed">Seed of the row's draws.</param>
    public int AnswerTokens(ulong seed)
    {
        // Box and Muller; 1 - u keeps the logarithm away from 0.
        var normal = Math.Sqrt(-2 * Math.Log(1 - Seeds.Uniform(seed, 0))) * Math.Cos(2 * Math.PI * Seeds.Uniform(seed, 1));
        return (int)Math.Clamp(Math.Round(MedianTokens * Math.Exp(Sigma * normal)), 1, MaxTokens);
    }

    /// <summary>Seconds to answer a chunk.</summary>
    /// <param name="answerTokens">Length of each answer.</param>
    public double GenerateSeconds(IEnumerable<int> answerTokens) => GenerateFixed + (answerTokens.Max() * SecondsPerToken);

    /// <summary>Seconds of a forward pass of reference or reward model.</summary>
    /// <param name="tokens">Prompt and answer tokens of the chunk.</param>
    public double ForwardSeconds(long tokens) => ForwardFixed + (tokens / ForwardTokensPerSecond);

    /// <summary>Seconds of a policy step.</summary>
    /// <param name="sequences">Sequences of the iteration.</param>
    public double LearnSeconds(int sequences) => LearnFixed + (sequences * LearnPerSequence);
}
