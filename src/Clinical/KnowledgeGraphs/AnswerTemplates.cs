namespace ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

/// <summary>The two ways an answer is written for each relation: the bare list, or the list after a lead-in.</summary>
internal static class AnswerTemplates
{
    /// <summary>What stands before and after the list of objects. English answers begin with a space, as after <c>Answer:</c>.</summary>
    public static IReadOnlyList<(string Before, string After)> Of(string language, string relation) =>
        language == Languages.Chinese ? [("", "。"), (ChineseLead(relation) + "有", "。")] : [(" ", "."), ($" {EnglishLead(relation)}: ", ".")];

    /// <summary>Fills a template.</summary>
    public static string Fill((string Before, string After) template, string language, IReadOnlyList<string> names) =>
        template.Before + Languages.Join(language, names) + template.After;

    private static string ChineseLead(string relation) => relation switch
    {
        GraphRelations.Symptom => "症状",
        GraphRelations.Test => "检查",
        GraphRelations.Drug => "药物",
        GraphRelations.Treatment => "治疗",
        GraphRelations.Complication => "并发症",
        _ => relation,
    };

    private static string EnglishLead(string relation) => relation switch
    {
        GraphRelations.Symptom => "Symptoms",
        GraphRelations.Test => "Tests",
        GraphRelations.Drug => "Drugs",
        GraphRelations.Treatment => "Treatments",
        GraphRelations.Complication => "Complications",
        _ => char.ToUpperInvariant(relation[0]) + relation[1..],
    };
}
