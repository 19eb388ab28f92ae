using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Errors;

public sealed class ProblemTests
{
    [Theory]
    [InlineData(null, null, null, "CGPT2004: wrong.")]
    [InlineData("r.yaml", null, null, "r.yaml: CGPT2004: wrong.")]
    [InlineData("r.yaml", 3, "sft", "r.yaml:3: sft: CGPT2004: wrong.")]
    [InlineData(null, null, "sft", "sft: CGPT2004: wrong.")]
    public void ToString_AbsentParts_AreLeftOut(string? file, int? line, string? key, string expected) =>
        Assert.Equal(expected, new Problem("CGPT2004", "wrong.", file, line, key).ToString());

    [Fact]
    public void Message_SeveralProblems_HasOneLineEach()
    {
        var e = new ProblemException([new Problem("CGPT2004", "a"), new Problem("CGPT2005", "b")]);

        Assert.Equal($"CGPT2004: a{Environment.NewLine}CGPT2005: b", e.Message);
    }
}
