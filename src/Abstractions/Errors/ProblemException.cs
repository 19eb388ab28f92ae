namespace ClinicalGpt.Orleans.Abstractions.Errors;

/// <summary>Raised for what a user can put right. Hosts print <see cref="Problems"/>, never a stack trace.</summary>
[GenerateSerializer, Alias("clinicalgpt.ProblemException")]
public sealed class ProblemException : Exception
{
    /// <summary>Raises one problem.</summary>
    /// <param name="code">Stable code, see <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What is wrong, the value, what is allowed, what to do.</param>
    /// <param name="file">The file concerned, or null.</param>
    /// <param name="line">1-based line, or null.</param>
    /// <param name="key">The key concerned, or null.</param>
    public ProblemException(string code, string message, string? file = null, int? line = null, string? key = null)
        : this([new Problem(code, message, file, line, key)])
    {
    }

    /// <summary>Raises several problems at once.</summary>
    /// <param name="problems">At least one.</param>
    public ProblemException(IReadOnlyList<Problem> problems)
        : base(string.Join(Environment.NewLine, problems))
    {
        Problems = [.. problems];
    }

    /// <summary>Everything that is wrong, in the order it was found.</summary>
    [Id(0)]
    public Problem[] Problems { get; private set; }
}
