namespace ClinicalGpt.Orleans.Clinical.Evaluation;

/// <summary>What an answer in the model's own words counts as. Accuracy counts <see cref="NoAnswer"/> as not right.</summary>
public enum AnswerOutcome
{
    /// <summary>Names the right one.</summary>
    Right = 0,

    /// <summary>Names another one.</summary>
    Wrong = 1,

    /// <summary>Names none, or several without deciding.</summary>
    NoAnswer = 2,
}
