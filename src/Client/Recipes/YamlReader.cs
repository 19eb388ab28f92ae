using ClinicalGpt.Orleans.Abstractions.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ClinicalGpt.Orleans.Client.Recipes;

/// <summary>YAML text to nodes with places. Anchors, aliases and tags are refused: a recipe is read by people first.</summary>
internal static class YamlReader
{
    private const int MaxDepth = 32;

    /// <summary>Reads one document.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="hasLines">Whether lines of the text mean something to the user.</param>
    /// <exception cref="ProblemException">CGPT2001: not YAML, empty, or one of the features refused.</exception>
    public static RecipeNode Read(string yaml, string source, bool hasLines = true)
    {
        try
        {
            var parser = new YamlDotNet.Core.Parser(new StringReader(yaml));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                throw new ProblemException(ErrorCodes.RecipeUnreadable, "holds no keys; begin with model.path.", source);
            }

            var node = ReadNode(parser, source, hasLines, 0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<DocumentStart>(out var second)
                ? throw Refuse("holds a second document (`---`); a recipe is one document.", source, second, hasLines)
                : node;
        }
        catch (YamlException e)
        {
            int? line = hasLines && e.Start.Line > 0 ? (int)e.Start.Line : null;
            throw new ProblemException(ErrorCodes.RecipeUnreadable, $"is not YAML: {Reason(e)}", source, line);
        }
    }

    private static RecipeNode ReadNode(IParser parser, string source, bool hasLines, int depth)
    {
        if (depth > MaxDepth)
        {
            throw Refuse($"is nested deeper than {MaxDepth} levels.", source, parser.Current, hasLines);
        }

        if (parser.Accept<AnchorAlias>(out var alias))
        {
            throw Refuse($"uses the alias *{alias.Value}; write the value out.", source, alias, hasLines);
        }

        var node = parser.Require<NodeEvent>();
        if (!node.Anchor.IsEmpty)
        {
            throw Refuse($"uses the anchor &{node.Anchor.Value}; write the value out where it is needed.", source, node, hasLines);
        }

        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            throw Refuse($"uses the tag {node.Tag.Value}; tags are not needed here, delete it.", source, node, hasLines);
        }

        var place = PlaceOf(source, node, hasLines);
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return new ScalarNode(place, scalar.Value, scalar.Style != ScalarStyle.Plain);
        }

        return parser.TryConsume<SequenceStart>(out _)
            ? ReadList(parser, place, source, hasLines, depth)
            : ReadMap(parser, place, source, hasLines, depth);
    }

    private static ListNode ReadList(IParser parser, Place place, string source, bool hasLines, int depth)
    {
        var items = new List<RecipeNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(ReadNode(parser, source, hasLines, depth + 1));
        }

        return new ListNode(place, items);
    }

    private static MapNode ReadMap(IParser parser, Place place, string source, bool hasLines, int depth)
    {
        var entries = new List<MapEntry>();
        parser.Consume<MappingStart>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = ReadNode(parser, source, hasLines, depth + 1) as ScalarNode
                ?? throw Refuse("has a list or group where a key belongs.", source, parser.Current, hasLines);
            entries.Add(new MapEntry(key.Text, key.Place, ReadNode(parser, source, hasLines, depth + 1)));
        }

        return new MapNode(place, entries);
    }

    private static Place PlaceOf(string source, ParsingEvent? at, bool hasLines) =>
        new(source, hasLines && at is not null ? (int)at.Start.Line : null);

    private static ProblemException Refuse(string message, string source, ParsingEvent? at, bool hasLines) =>
        new(ErrorCodes.RecipeUnreadable, message, source, PlaceOf(source, at, hasLines).Line);

    // The message begins with positions of its own: "(Line: 3, Col: 1, Idx: 20) - (...): reason".
    private static string Reason(YamlException e)
    {
        var at = e.Message.LastIndexOf("): ", StringComparison.Ordinal);
        return at < 0 ? e.Message : e.Message[(at + 3)..];
    }
}
