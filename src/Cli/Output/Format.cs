using System.Globalization;

namespace ClinicalGpt.Orleans.Cli.Output;

/// <summary>Numbers and times as people read them; the same on every machine.</summary>
internal static class Format
{
    public static string Number(double value) => value switch
    {
        _ when !double.IsFinite(value) => value.ToString(CultureInfo.InvariantCulture),
        0 => "0",
        _ when Math.Abs(value) < 0.001 => value.ToString("0.0e0", CultureInfo.InvariantCulture),
        _ when Math.Abs(value) >= 1000 => value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };

    public static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    public static string Duration(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalSeconds: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 90 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} d"),
    };

    public static string Ago(DateTimeOffset at, DateTimeOffset now) => $"{Duration(now - at)} ago";

    public static string Shorten(string text, int length)
    {
        var line = text.ReplaceLineEndings(" ").Trim();
        return line.Length <= length ? line : string.Concat(line.AsSpan(0, length - 1), "…");
    }

    public static string Status(Enum status) => status.ToString().ToLowerInvariant();
}
