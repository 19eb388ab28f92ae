using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Abstractions.Recipes;

/// <summary>Collects what is impossible in a recipe: each check adds at most one problem and goes on.</summary>
internal sealed class RecipeChecks
{
    private readonly List<Problem> _problems = [];

    /// <summary>Everything found so far, in the order of the checks.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    public void AtLeast(string key, long value, long least) =>
        Require(value >= least, key, $"must be at least {least}", Text(value));

    public void Within(string key, long value, long least, long most) =>
        Require(value >= least && value <= most, key, $"must be {least} to {most}", Text(value));

    public void Above(string key, double value, double bound) =>
        Require(double.IsFinite(value) && value > bound, key, $"must be above {Text(bound)}", Text(value));

    public void Closed(string key, double value, double least, double most) =>
        Require(value >= least && value <= most, key, $"must be in [{Text(least)}, {Text(most)}]", Text(value));

    public void HalfOpen(string key, double value, double least, double bound) =>
        Require(value >= least && value < bound, key, $"must be in [{Text(least)}, {Text(bound)})", Text(value));

    public void Open(string key, double value, double low, double high) =>
        Require(value > low && value < high, key, $"must be in ({Text(low)}, {Text(high)})", Text(value));

    public void OneOf(string key, string value, IReadOnlyList<string> allowed) =>
        Require(allowed.Contains(value), key, $"must be one of {string.Join(", ", allowed)}", $"`{value}`");

    public void MultipleOf(string key, long value, string what, long divisor, string divisorKey)
    {
        // A divisor below 1 has its own problem already.
        if (value >= 1 && divisor >= 1 && value % divisor != 0)
        {
            Add(ErrorCodes.RecipeValueRange, key, $"{what} must be a multiple of {divisorKey} ({divisor}); it is {value}.");
        }
    }

    public void Require(bool holds, string key, string rule, string found)
    {
        if (!holds)
        {
            Add(ErrorCodes.RecipeValueRange, key, $"{rule}; it is {found}.");
        }
    }

    public void Given(bool given, string key, string why)
    {
        if (!given)
        {
            Add(ErrorCodes.RecipeKeyMissing, key, $"missing: {why}");
        }
    }

    public void Add(string code, string? key, string message) => _problems.Add(new Problem(code, message, Key: key));

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
