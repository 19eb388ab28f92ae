using System.Reflection;
using System.Text.RegularExpressions;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Tests.Errors;

public sealed partial class ErrorCatalogueTests
{
    [Fact]
    public void Catalogue_Headings_AreTheCodes()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "reference", "errors.md"));
        var headings = Heading().Matches(page).Select(m => (m.Groups[1].Value, m.Groups[2].Value));

        Assert.Equal(Codes().Order(), headings.Order());
    }

    [Fact]
    public void Codes_All_AreUniqueAndInTheirForm()
    {
        var codes = Codes().Select(c => c.Code).ToList();

        Assert.All(codes, c => Assert.Matches("^CGPT[1-4][0-9]{3}$", c));
        Assert.Equal(codes.Count, codes.Distinct(StringComparer.Ordinal).Count());
    }

    private static IEnumerable<(string Code, string Name)> Codes() =>
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(f => ((string)f.GetRawConstantValue()!, f.Name));

    [GeneratedRegex(@"^### (CGPT\d{4}): (\w+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
