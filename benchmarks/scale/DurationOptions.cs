using System.CommandLine;
using ClinicalGpt.Orleans.Benchmarks.Scale.Simulation;

namespace ClinicalGpt.Orleans.Benchmarks.Scale;

/// <summary>The duration model on the command line.</summary>
internal sealed class DurationOptions
{
    private static readonly DurationModel Default = new();
    private readonly Option<double> _median = Value("--median-tokens", "Median answer, tokens.", Default.MedianTokens);
    private readonly Option<double> _sigma = Value("--sigma", "Standard deviation of the logarithm of an answer's length.", Default.Sigma);
    private readonly Option<int> _most = new("--max-tokens") { Description = "Longest answer, tokens.", DefaultValueFactory = _ => Default.MaxTokens };
    private readonly Option<double> _token = Value("--seconds-per-token", "A decoding step of a chunk.", Default.SecondsPerToken);
    private readonly Option<double> _generate = Value("--generate-fixed", "Seconds of a chunk before its first token.", Default.GenerateFixed);
    private readonly Option<double> _forward = Value("--forward-tokens", "Tokens a second of reference and reward model, each.", Default.ForwardTokensPerSecond);
    private readonly Option<double> _learn = Value("--learn-per-sequence", "Seconds of a policy step for each sequence.", Default.LearnPerSequence);
    private readonly Option<double> _fixed = Value("--learn-fixed", "Seconds of a policy step whatever its size.", Default.LearnFixed);
    private readonly Option<double> _commit = Value("--commit", "Seconds of a commit.", Default.Commit);

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _median, _sigma, _most, _token, _generate, _forward, _learn, _fixed, _commit })
        {
            command.Options.Add(option);
        }
    }

    public DurationModel Read(ParseResult result) => Default with
    {
        MedianTokens = result.GetValue(_median),
        Sigma = result.GetValue(_sigma),
        MaxTokens = result.GetValue(_most),
        SecondsPerToken = result.GetValue(_token),
        GenerateFixed = result.GetValue(_generate),
        ForwardTokensPerSecond = result.GetValue(_forward),
        LearnPerSequence = result.GetValue(_learn),
        LearnFixed = result.GetValue(_fixed),
        Commit = result.GetValue(_commit),
    };

    private static Option<double> Value(string name, string description, double otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise };
}
