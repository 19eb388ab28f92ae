namespace ClinicalGpt.Orleans.Formats.HuggingFace;

/// <summary>What a written model folder is loaded as.</summary>
public enum ModelArchitecture
{
    /// <summary><c>BloomForCausalLM</c>, a policy.</summary>
    CausalLanguageModel,

    /// <summary><c>BloomForSequenceClassification</c> with one label, a reward model; needs <c>score.weight</c>.</summary>
    SequenceClassification,
}
