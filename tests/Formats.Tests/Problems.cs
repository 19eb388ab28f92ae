using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Formats.Tests;

/// <summary>Expects a problem the user can put right.</summary>
internal static class Problems
{
    public static Problem[] Expect(string code, Action action)
    {
        var problems = Assert.Throws<ProblemException>(action).Problems;
        Assert.All(problems, problem => Assert.Equal(code, problem.Code));
        return problems;
    }

    public static Problem ExpectOne(string code, Action action) => Assert.Single(Expect(code, action));
}
