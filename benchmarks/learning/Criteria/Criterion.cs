namespace ClinicalGpt.Orleans.Benchmarks.Criteria;

/// <summary>A claim and what was measured.</summary>
/// <param name="Claim">What must hold in every seed.</param>
/// <param name="Passed">Whether it does; what was not measured does not.</param>
/// <param name="Figures">One text for each seed.</param>
internal sealed record Criterion(string Claim, bool Passed, IReadOnlyList<string> Figures)
{
    public string Verdict => Passed ? "PASS" : "FAIL";
}

/// <summary>One seed's part in a criterion.</summary>
/// <param name="Passed">Whether the claim holds there.</param>
/// <param name="Figure">The figure it was decided by.</param>
internal readonly record struct Finding(bool Passed, string Figure);
