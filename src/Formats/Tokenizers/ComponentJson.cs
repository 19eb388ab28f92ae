using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Formats.Json;

namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Reads normalizers, pre-tokenizers, post-processors and decoders by their <c>type</c>.</summary>
internal static class ComponentJson
{
    /// <summary>Reads a normalizer.</summary>
    public static INormalizer ReadNormalizer(JsonSection section) => section.Text("type") switch
    {
        "Sequence" => new SequenceNormalizer([.. section.Sections("normalizers").Select(ReadNormalizer)]),
        "Prepend" => new PrependNormalizer(section.RequiredText("prepend")),
        "Replace" => new ReplaceNormalizer(ReadPattern(section), section.RequiredText("content")),
        var type => throw Unknown(section, type, "Sequence, Prepend, Replace"),
    };

    /// <summary>Reads a pre-tokenizer.</summary>
    public static IPreTokenizer ReadPreTokenizer(JsonSection section) => section.Text("type") switch
    {
        "Sequence" => new SequencePreTokenizer([.. section.Sections("pretokenizers").Select(ReadPreTokenizer)]),
        "Split" => new SplitPreTokenizer(ReadPattern(section), ReadBehavior(section), section.Flag("invert")),
        "ByteLevel" => new ByteLevelPreTokenizer(
            section.Flag("add_prefix_space", otherwise: true), section.Flag("use_regex", otherwise: true)),
        "Digits" => new DigitsPreTokenizer(section.Flag("individual_digits")),
        var type => throw Unknown(section, type, "Sequence, Split, ByteLevel, Digits"),
    };

    /// <summary>Reads what a post-processor puts around the ids of one text.</summary>
    public static TokenTemplate ReadTemplate(JsonSection section)
    {
        switch (section.Text("type"))
        {
            case "TemplateProcessing":
                return ReadTemplateProcessing(section);
            case "ByteLevel":
                return TokenTemplate.None; // it only trims offsets
            case "Sequence":
                var templates = section.Sections("processors").Select(ReadTemplate).ToList();
                return new TokenTemplate(
                    [.. Enumerable.Reverse(templates).SelectMany(template => template.Before)],
                    [.. templates.SelectMany(template => template.After)]);
            case var type:
                throw Unknown(section, type, "TemplateProcessing, ByteLevel, Sequence");
        }
    }

    /// <summary>Reads a decoder.</summary>
    public static IDecoder ReadDecoder(JsonSection section) => section.Text("type") switch
    {
        "Sequence" => new SequenceDecoder([.. section.Sections("decoders").Select(ReadDecoder)]),
        "ByteLevel" => new ByteLevelDecoder(),
        "Replace" => new ReplaceDecoder(ReadPattern(section), section.RequiredText("content")),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Strip" => new StripDecoder(
            ReadCharacter(section, "content"),
            section.Required("start", section.Integer("start")),
            section.Required("stop", section.Integer("stop"))),
        var type => throw Unknown(section, type, "Sequence, ByteLevel, Replace, ByteFallback, Fuse, Strip"),
    };

    private static TokenTemplate ReadTemplateProcessing(JsonSection section)
    {
        var before = new List<int>();
        var after = new List<int>();
        var target = before;
        foreach (var item in section.Sections("single"))
        {
            if (item.Section("SpecialToken") is { } token)
            {
                var id = token.RequiredText("id");
                var entry = section.Section("special_tokens")?.Section(id)
                    ?? throw section.Problem($"token '{id}' of the template is missing", "special_tokens");
                target.AddRange(entry.Integers("ids"));
            }
            else
            {
                target = after;
            }
        }

        return new TokenTemplate(before, after);
    }

    private static RegexSplitter ReadPattern(JsonSection section)
    {
        var pattern = section.Section("pattern") ?? throw section.Problem("is missing", "pattern");
        if (pattern.Text("String") is { } text)
        {
            return RegexSplitter.FromText(text);
        }

        var regex = pattern.Text("Regex") ?? throw section.Problem("must hold a String or a Regex", "pattern");
        try
        {
            return RegexSplitter.FromPattern(regex);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            throw section.Problem($"this pattern is not supported: {e.Message}", "pattern");
        }
    }

    private static SplitBehavior ReadBehavior(JsonSection section)
    {
        var name = section.RequiredText("behavior");
        return Enum.GetNames<SplitBehavior>().Contains(name)
            ? Enum.Parse<SplitBehavior>(name)
            : throw section.Problem(
                $"'{name}' is not one of {string.Join(", ", Enum.GetNames<SplitBehavior>())}", "behavior");
    }

    private static char ReadCharacter(JsonSection section, string name)
    {
        var text = section.RequiredText(name);
        return text.Length == 1 ? text[0] : throw section.Problem("must be one character", name);
    }

    private static ProblemException Unknown(JsonSection section, string? type, string supported) =>
        section.Problem($"component '{type}' is not supported; supported here: {supported}", "type");
}
