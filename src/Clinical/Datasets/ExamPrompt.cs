using System.Text;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Recipes;

namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>The two ways an exam question is put. The record's prompt alone, each option scored as its continuation; or the
/// question with its options, for an answer in the model's own words (ClinicalGPT 3.3).</summary>
public static class ExamPrompt
{
    /// <summary>The question followed by its options, one a line, before the place of the answer.</summary>
    /// <param name="record">An exam record.</param>
    /// <param name="options">For the templates.</param>
    /// <exception cref="ArgumentException">The record has no options.</exception>
    public static string WithOptions(ClinicalRecord record, DataOptions options)
    {
        var choices = record.Options ?? throw new ArgumentException("the record has no options", nameof(record));
        var list = new StringBuilder();
        for (var i = 0; i < choices.Count; i++)
        {
            list.Append('\n').Append((char)('A' + i)).Append(". ").Append(choices[i]);
        }

        return record.Prompt.Insert(EndOfQuestion(record.Prompt, options), list.ToString());
    }

    /// <summary>An option as it would follow the prompt: with a space where the prompt ends in an ASCII letter or sign.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="option">The option's text.</param>
    public static string Continuation(string prompt, string option) =>
        prompt.Length > 0 && char.IsAscii(prompt[^1]) && !char.IsWhiteSpace(prompt[^1]) ? " " + option : option;

    /// <summary>Where the question ends: before the template's closing part, else before the last line.</summary>
    private static int EndOfQuestion(string prompt, DataOptions options)
    {
        var closing = options.UserTemplate[(options.UserTemplate.IndexOf("{content}", StringComparison.Ordinal) + "{content}".Length)..]
            + options.AssistantTemplate;
        if (closing.Length > 0 && prompt.EndsWith(closing, StringComparison.Ordinal))
        {
            return prompt.Length - closing.Length;
        }

        var line = prompt.LastIndexOf('\n');
        return line >= 0 ? line : prompt.Length;
    }
}
