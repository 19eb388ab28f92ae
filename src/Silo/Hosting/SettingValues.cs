using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Silo.Hosting;

/// <summary>Typed look-ups that note a problem and go on with the default when a value cannot be read.</summary>
internal sealed class SettingValues(IConfiguration configuration, List<Problem> problems)
{
    public string? Optional(string key) => configuration[key] is { Length: > 0 } value ? value.Trim() : null;

    public string Text(string key, string fallback) => Optional(key) ?? fallback;

    public long Number(string key, long fallback)
    {
        if (Optional(key) is not { } text)
        {
            return fallback;
        }

        // Ports are cast to int by the caller: a number outside its range is reported here, not wrapped around.
        var limit = key.EndsWith("Port", StringComparison.Ordinal) ? int.MaxValue : long.MaxValue;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value <= limit && value >= -limit
                ? value
                : Wrong(key, $"is '{text}'; it must be a whole number", fallback);
    }

    public bool Flag(string key, bool fallback) => Optional(key) switch
    {
        null => fallback,
        var text when bool.TryParse(text, out var value) => value,
        var text => Wrong(key, $"is '{text}'; use true or false", fallback),
    };

    public TimeSpan Duration(string key, TimeSpan fallback) => Optional(key) switch
    {
        null => fallback,
        var text when TimeSpan.TryParseExact(text, ["c", "g"], CultureInfo.InvariantCulture, out var value) => value,
        var text => Wrong(key, $"is '{text}'; write a duration as hours:minutes:seconds, for example 00:15:00", fallback),
    };

    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback)
    {
        var items = configuration.GetSection(key).GetChildren().Select(c => c.Value ?? "").ToArray();
        if (items.Length == 0 && Optional(key) is { } text)
        {
            items = text.Split(',');
        }

        return items.Length == 0
            ? fallback
            : [.. items.Select(i => i.Trim().ToLowerInvariant()).Where(i => i.Length > 0).Distinct()];
    }

    public void RefuseUnknown(string section, string[] known)
    {
        foreach (var child in configuration.GetSection(section).GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                problems.Add(new Problem(
                    ErrorCodes.SettingInvalid, $"is not a setting; {section} has {string.Join(", ", known)}", Key: $"{section}:{child.Key}"));
            }
        }
    }

    private T Wrong<T>(string key, string message, T fallback)
    {
        problems.Add(new Problem(ErrorCodes.SettingInvalid, message, Key: key));
        return fallback;
    }
}
