namespace ClinicalGpt.Orleans.Formats.Tokenizers;

/// <summary>Changes a text before it is cut.</summary>
internal interface INormalizer
{
    /// <summary>The changed text.</summary>
    string Normalize(string text);
}

/// <summary>One normalizer after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<INormalizer> steps) : INormalizer
{
    public string Normalize(string text) => steps.Aggregate(text, (current, step) => step.Normalize(current));
}

/// <summary>Puts a text in front, unless there is nothing to put it in front of.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Replaces what a pattern matches.</summary>
internal sealed class ReplaceNormalizer(RegexSplitter pattern, string replacement) : INormalizer
{
    public string Normalize(string text) => pattern.Replace(text, replacement);
}
