using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>What the option records say about a recipe's keys.</summary>
internal static class RecipeSchema
{
    private static readonly Lazy<IReadOnlyList<RecipeKey>> AllKeys = new(() => [.. List("", typeof(Recipe), new Recipe { Model = Blank<ModelOptions>() })]);

    /// <summary>Every key, parents before children, in the order of the records.</summary>
    public static IReadOnlyList<RecipeKey> Keys => AllKeys.Value;

    /// <summary>The settable properties of a record by their YAML key.</summary>
    public static IReadOnlyDictionary<string, PropertyInfo> PropertiesOf(Type record) =>
        record.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && p.GetIndexParameters().Length == 0)
            .OrderBy(p => p.MetadataToken)
            .ToDictionary(p => JsonNamingPolicy.CamelCase.ConvertName(p.Name), StringComparer.Ordinal);

    /// <summary>Whether the property has no default.</summary>
    public static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    /// <summary>Whether the type is one of the option records, so a group of keys.</summary>
    public static bool IsGroup(Type type) => type.IsClass && type.Namespace == typeof(Recipe).Namespace;

    /// <summary>An option record with its defaults; required members that are records or texts are made blank.</summary>
    public static object Blank(Type record)
    {
        var value = Activator.CreateInstance(record)!;
        foreach (var property in PropertiesOf(record).Values.Where(p => IsRequired(p) && p.GetValue(value) is null))
        {
            property.SetValue(value, property.PropertyType == typeof(string) ? "" : Blank(property.PropertyType));
        }

        return value;
    }

    private static T Blank<T>() => (T)Blank(typeof(T));

    private static IEnumerable<RecipeKey> List(string prefix, Type record, object defaults)
    {
        foreach (var (name, property) in PropertiesOf(record))
        {
            var path = prefix + name;
            var value = property.GetValue(defaults);
            yield return new RecipeKey(path, property, value);
            if (IsGroup(property.PropertyType))
            {
                foreach (var child in List(path + ".", property.PropertyType, value ?? Blank(property.PropertyType)))
                {
                    yield return child;
                }
            }
        }
    }
}

/// <summary>One key of a recipe.</summary>
/// <param name="Path">The key from the root, for example <c>ppo.clipRange</c>.</param>
/// <param name="Property">The record's property.</param>
/// <param name="Default">Its value where the recipe is silent; null: absent.</param>
internal sealed record RecipeKey(string Path, PropertyInfo Property, object? Default)
{
    /// <summary>Whether it must be written where its group is.</summary>
    public bool IsRequired => RecipeSchema.IsRequired(Property) && (Default is null or "" or 0.0 || RecipeSchema.IsGroup(Property.PropertyType));
}
