namespace ClinicalGpt.Orleans.Clinical.Datasets;

/// <summary>What a file is imported for; it decides which record shapes are known and what is taken from them.</summary>
public enum ImportKind
{
    /// <summary>Documents of language-model training: the text is the record's prompt. Repeated documents are kept.</summary>
    Pretrain = 0,

    /// <summary>Prompt and answer; a conversation gives one record for each of the assistant's turns.</summary>
    Sft = 1,

    /// <summary>Comparisons; a ranked list gives one for each adjacent pair.</summary>
    Reward = 2,

    /// <summary>Prompts, with the answer where there is one; a conversation gives its last turn.</summary>
    Prompts = 3,

    /// <summary>Exam questions with options, MedQA layout.</summary>
    Exam = 4,

    /// <summary>Dialogues to compare answers with; a conversation is cut at a drawn turn of the assistant (ClinicalGPT 3.2).</summary>
    Dialogue = 5,

    /// <summary>Medical records with their diagnosis.</summary>
    Diagnosis = 6,
}
