using System.Globalization;
using System.Reflection;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Single values: texts, numbers and flags, always in the invariant culture.</summary>
internal static class ScalarValue
{
    /// <summary>What a type is called in a message.</summary>
    public static string Name(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(double) ? "a number"
        : type == typeof(int) || type == typeof(long) ? "an integer"
        : "a text";

    /// <summary>Reads a value; false when it is not of the type.</summary>
    public static bool TryRead(ScalarNode node, Type type, out object? value)
    {
        value = null;
        if (type == typeof(string))
        {
            value = node.Text;
            return !node.IsEmpty && !node.IsNull;
        }

        if (node.IsQuoted)
        {
            return false;
        }

        value = Read(node.Text, type);
        return value is not null;
    }

    private static object? Read(string text, Type type)
    {
        var culture = CultureInfo.InvariantCulture;
        if (type == typeof(bool))
        {
            return bool.TryParse(text, out var flag) ? flag : null;
        }

        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number) ? number : null;
        }

        if (type == typeof(long))
        {
            return long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var number) ? number : null;
        }

        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, culture, out var number) && double.IsFinite(number) ? number : null;
        }

        throw new InvalidOperationException($"Recipes cannot hold values of type {type}.");
    }
}

/// <summary>Whether a key may be null.</summary>
internal static class Nullability
{
    /// <summary>True for <c>double?</c> and for reference types declared with <c>?</c>.</summary>
    public static bool IsNullable(PropertyInfo property) =>
        new NullabilityInfoContext().Create(property).WriteState == NullabilityState.Nullable;
}
