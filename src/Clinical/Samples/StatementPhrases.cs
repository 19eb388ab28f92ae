namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Plain statements of a fact, three wordings for each relation and language, and sentences about no fact at all.
/// <c>{d}</c> is the disease, <c>{D}</c> the same with a capital, <c>{x}</c> the list of objects.</summary>
internal static class StatementPhrases
{
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Chinese = new Dictionary<string, IReadOnlyList<string>>
    {
        ["symptom"] = ["{d}的症状有{x}。", "{d}患者常有{x}。", "{d}表现为{x}。"],
        ["test"] = ["{d}的检查有{x}。", "诊断{d}要做{x}。", "怀疑{d}时查{x}。"],
        ["drug"] = ["{d}的药物有{x}。", "{d}患者服用{x}。", "治疗{d}用药为{x}。"],
        ["treatment"] = ["{d}的治疗有{x}。", "处理{d}用{x}。", "{d}患者应{x}。"],
        ["complication"] = ["{d}的并发症有{x}。", "{d}会引起{x}。", "{d}严重时出现{x}。"],
    };

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> English = new Dictionary<string, IReadOnlyList<string>>
    {
        ["symptom"] = ["Symptoms of {d} are {x}.", "Patients with {d} have {x}.", "{D} shows as {x}."],
        ["test"] = ["Tests for {d} are {x}.", "To diagnose {d} use {x}.", "{D} is confirmed by {x}."],
        ["drug"] = ["Drugs for {d} are {x}.", "Patients with {d} take {x}.", "{D} is medicated with {x}."],
        ["treatment"] = ["Treatments for {d} are {x}.", "{D} is treated by {x}.", "Care for {d} means {x}."],
        ["complication"] = ["Complications of {d} are {x}.", "{D} can lead to {x}.", "After {d} may come {x}."],
    };

    public static readonly IReadOnlyList<string> General =
    [
        "按时服药很重要。",
        "确诊以后医生通常会开药。",
        "严重时请想办法去医院，会有医生处理，说明怎样理解得到的药单。",
        "Expect to wait and tell the doctor what you feel.",
        "有问题请咨询医生。",
        "多喝水，注意休息。",
        "定期检查有助于早期发现疾病。",
        "饮食应当清淡。",
        "Take the medicine on time.",
        "Ask a doctor if you are not sure.",
        "Drink water and rest well.",
        "Regular tests help to find a disease early.",
        "Wash your hands often.",
    ];
}
