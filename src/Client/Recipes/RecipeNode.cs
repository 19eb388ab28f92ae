namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>Where something stands: a file and line, or <c>--set</c> without one.</summary>
internal readonly record struct Place(string Source, int? Line);

/// <summary>A piece of a recipe as written, before it has a type.</summary>
internal abstract record RecipeNode(Place Place)
{
    /// <summary>How the piece is named in a message.</summary>
    public abstract string Describe();
}

/// <summary>A single value.</summary>
internal sealed record ScalarNode(Place Place, string Text, bool IsQuoted) : RecipeNode(Place)
{
    /// <summary>Nothing is written after the colon.</summary>
    public bool IsEmpty => !IsQuoted && Text.Length == 0;

    /// <summary>YAML's null, written out.</summary>
    public bool IsNull => !IsQuoted && Text is "null" or "~";

    public override string Describe() => IsEmpty ? "nothing" : IsQuoted ? $"`\"{Text}\"` (quoted: a text)" : $"`{Text}`";
}

/// <summary>A list.</summary>
internal sealed record ListNode(Place Place, List<RecipeNode> Items) : RecipeNode(Place)
{
    public override string Describe() => "a list";
}

/// <summary>One key of a map with its value; the place is the key's.</summary>
internal sealed record MapEntry(string Key, Place Place, RecipeNode Value);

/// <summary>Keys and values in written order; a key may be there twice, which binding reports.</summary>
internal sealed record MapNode(Place Place, List<MapEntry> Entries) : RecipeNode(Place)
{
    public override string Describe() => "a group of keys";
}
