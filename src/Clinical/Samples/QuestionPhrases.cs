namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>The question phrases: eight for each relation and language; the last two are never used for training.</summary>
internal static class QuestionPhrases
{
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Chinese = new Dictionary<string, IReadOnlyList<string>>
    {
        ["symptom"] =
        [
            "{d}有哪些症状？",
            "{d}的症状是什么？",
            "得了{d}会有什么表现？",
            "请说明{d}的常见症状。",
            "{d}患者通常有什么不适？",
            "怎样的症状提示{d}？",
            "想了解{d}的临床表现。",
            "{d}发作时会出现哪些症状？",
        ],
        ["test"] =
        [
            "{d}需要做哪些检查？",
            "{d}的检查项目是什么？",
            "诊断{d}要做什么检查？",
            "请说明{d}的常用检查。",
            "{d}患者应该查什么？",
            "怀疑{d}时做哪些检查？",
            "想了解{d}的检查方法。",
            "确诊{d}通常要查哪些项目？",
        ],
        ["drug"] =
        [
            "{d}吃什么药？",
            "{d}的常用药物是什么？",
            "治疗{d}用哪些药？",
            "请说明{d}的用药。",
            "{d}患者可以服用什么药物？",
            "哪些药物用于{d}？",
            "想了解{d}的药物。",
            "{d}通常开哪些药？",
        ],
        ["treatment"] =
        [
            "{d}怎么治疗？",
            "{d}的治疗方法是什么？",
            "治疗{d}有哪些办法？",
            "请说明{d}的治疗措施。",
            "{d}患者应该如何处理？",
            "哪些疗法用于{d}？",
            "想了解{d}的治疗方法。",
            "得了{d}通常怎样治疗？",
        ],
        ["complication"] =
        [
            "{d}有哪些并发症？",
            "{d}的并发症是什么？",
            "{d}会引起什么后果？",
            "请说明{d}的常见并发症。",
            "{d}患者要防止什么并发症？",
            "哪些并发症由{d}引起？",
            "想了解{d}的并发症。",
            "{d}严重时会引起哪些并发症？",
        ],
    };

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> English = new Dictionary<string, IReadOnlyList<string>>
    {
        ["symptom"] =
        [
            "What are the symptoms of {d}?",
            "Which symptoms does {d} have?",
            "How does {d} show itself?",
            "List the common symptoms of {d}.",
            "What does a patient with {d} feel?",
            "Which signs point to {d}?",
            "Tell me the symptoms seen in {d}.",
            "What symptoms should I expect with {d}?",
        ],
        ["test"] =
        [
            "What tests are needed for {d}?",
            "Which tests does {d} need?",
            "How is {d} diagnosed?",
            "List the common tests for {d}.",
            "What should a patient with {d} be tested for?",
            "Which tests confirm {d}?",
            "Tell me the tests used in {d}.",
            "What tests should I expect with {d}?",
        ],
        ["drug"] =
        [
            "What drugs are used for {d}?",
            "Which drugs does {d} need?",
            "How is {d} medicated?",
            "List the common drugs for {d}.",
            "What can a patient with {d} take?",
            "Which medicines treat {d}?",
            "Tell me the drugs used in {d}.",
            "What drugs should I expect with {d}?",
        ],
        ["treatment"] =
        [
            "What treatments are used for {d}?",
            "Which treatments does {d} need?",
            "How is {d} treated?",
            "List the common treatments for {d}.",
            "What should a patient with {d} do?",
            "Which measures help with {d}?",
            "Tell me the treatments used in {d}.",
            "What treatments should I expect with {d}?",
        ],
        ["complication"] =
        [
            "What are the complications of {d}?",
            "Which complications does {d} have?",
            "What can {d} lead to?",
            "List the common complications of {d}.",
            "What should a patient with {d} beware of?",
            "Which problems follow {d}?",
            "Tell me the complications seen in {d}.",
            "What complications should I expect with {d}?",
        ],
    };
}
