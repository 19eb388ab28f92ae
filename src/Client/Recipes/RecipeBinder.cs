using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Nodes to option records. Goes on after every mistake, keeping the default in its place.</summary>
internal sealed class RecipeBinder
{
    private readonly List<Problem> _problems = [];
    private readonly Dictionary<string, Place> _places = new(StringComparer.Ordinal);

    /// <summary>Everything found so far.</summary>
    public IReadOnlyList<Problem> Problems => _problems;

    /// <summary>Where a key is written; for a key that is not, where the nearest group above it is.</summary>
    public Place? PlaceOf(string? key)
    {
        for (var path = key ?? ""; ; path = path[..path.LastIndexOf('.')])
        {
            if (_places.TryGetValue(path, out var place))
            {
                return place;
            }

            if (!path.Contains('.', StringComparison.Ordinal))
            {
                return null;
            }
        }
    }

    /// <summary>Whether binding already has a problem with this key, or with a group it belongs to.</summary>
    public bool HasProblemAt(string? key) =>
        key is not null && _problems.Any(p =>
            p.Key is not null && (key == p.Key || key.StartsWith(p.Key + ".", StringComparison.Ordinal)));

    /// <summary>Writes the node's values over a record's.</summary>
    /// <param name="node">What is written.</param>
    /// <param name="record">The record, holding its defaults.</param>
    /// <param name="path">The record's key; empty for the recipe itself.</param>
    /// <param name="hasDefaults">Whether required members already hold a value worth keeping.</param>
    public void Bind(RecipeNode node, object record, string path = "", bool hasDefaults = false)
    {
        if (node is not MapNode map)
        {
            var hint = node is ScalarNode { IsEmpty: true } ? $"; write `{path}: {{}}` for all defaults, or delete the key" : "";
            Add(ErrorCodes.RecipeValueType, node.Place, path, $"expected a group of keys, found {node.Describe()}{hint}.");
            return;
        }

        var properties = RecipeSchema.PropertiesOf(record.GetType());
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            var key = Join(path, entry.Key);
            if (!properties.TryGetValue(entry.Key, out var property))
            {
                Add(ErrorCodes.RecipeKeyUnknown, entry.Place, key, $"no such key.{Suggest(path, entry.Key, properties.Keys)}");
            }
            else if (IsFirst(seen, key, entry))
            {
                _places[key] = entry.Place;
                BindProperty(entry.Value, record, property, key);
            }
        }

        foreach (var (name, property) in properties)
        {
            var key = Join(path, name);
            if (!hasDefaults && !seen.ContainsKey(key) && RecipeSchema.IsRequired(property))
            {
                Add(ErrorCodes.RecipeKeyMissing, PlaceOf(path) ?? map.Place, key, "missing, and it has no default.");
            }
        }
    }

    private void BindProperty(RecipeNode node, object record, System.Reflection.PropertyInfo property, string key)
    {
        var type = property.PropertyType;
        if (!RecipeSchema.IsGroup(type))
        {
            if (Convert(node, type, Nullability.IsNullable(property), key) is { Found: true } converted)
            {
                property.SetValue(record, converted.Value);
            }

            return;
        }

        if (node is ScalarNode { IsNull: true } && Nullability.IsNullable(property))
        {
            property.SetValue(record, null);
            return;
        }

        var inherited = RecipeSchema.IsRequired(property) ? null : property.GetValue(record);
        var value = inherited ?? RecipeSchema.Blank(type);
        Bind(node, value, key, hasDefaults: inherited is not null);
        property.SetValue(record, value);
    }

    private (bool Found, object? Value) Convert(RecipeNode node, Type type, bool nullable, string key)
    {
        if (nullable && node is ScalarNode { IsNull: true })
        {
            return (true, null);
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return node is ListNode list ? (true, Texts(list, key)) : Mismatch(node, key, "a list, for example [a, b]");
        }

        if (type == typeof(IReadOnlyDictionary<string, string>))
        {
            return node is MapNode map ? (true, TextsByName(map, key)) : Mismatch(node, key, "a group of `name: text`");
        }

        var scalarType = Nullable.GetUnderlyingType(type) ?? type;
        return node is ScalarNode scalar && ScalarValue.TryRead(scalar, scalarType, out var value)
            ? (true, value)
            : Mismatch(node, key, ScalarValue.Name(scalarType));
    }

    private List<string> Texts(ListNode list, string key)
    {
        var texts = new List<string>();
        foreach (var item in list.Items)
        {
            if (item is ScalarNode scalar && ScalarValue.TryRead(scalar, typeof(string), out var text))
            {
                texts.Add((string)text!);
            }
            else
            {
                Mismatch(item, key, "a list of texts");
            }
        }

        return texts;
    }

    private Dictionary<string, string> TextsByName(MapNode map, string key)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            var name = Join(key, entry.Key);
            if (!IsFirst(seen, name, entry))
            {
                continue;
            }

            _places[name] = entry.Place;
            if (entry.Value is ScalarNode scalar && ScalarValue.TryRead(scalar, typeof(string), out var text))
            {
                texts[entry.Key] = (string)text!;
            }
            else
            {
                Mismatch(entry.Value, name, "a text");
            }
        }

        return texts;
    }

    private bool IsFirst(Dictionary<string, Place> seen, string key, MapEntry entry)
    {
        if (seen.TryAdd(key, entry.Place))
        {
            return true;
        }

        Add(ErrorCodes.RecipeKeyDuplicate, entry.Place, key, $"given twice, first in line {seen[key].Line}; delete one of the two.");
        return false;
    }

    private (bool Found, object? Value) Mismatch(RecipeNode node, string key, string expected)
    {
        Add(ErrorCodes.RecipeValueType, node.Place, key, $"expected {expected}, found {node.Describe()}.");
        return (false, null);
    }

    private static string Suggest(string path, string written, IEnumerable<string> siblings)
    {
        if (NearestKey.Find(written, siblings) is { } near)
        {
            return $" Did you mean `{near}`?";
        }

        // The right name in the wrong place.
        var elsewhere = RecipeSchema.Keys.Select(k => k.Path)
            .FirstOrDefault(p => p.EndsWith("." + written, StringComparison.OrdinalIgnoreCase) || p == written);
        return elsewhere is not null
            ? $" Did you mean `{elsewhere}`?"
            : $" Keys {(path.Length == 0 ? "here" : $"of {path}")}: {string.Join(", ", siblings)}.";
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private void Add(string code, Place place, string key, string message) =>
        _problems.Add(new Problem(code, message, place.Source, place.Line, key.Length == 0 ? null : key));
}
