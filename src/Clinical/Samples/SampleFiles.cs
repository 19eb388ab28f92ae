using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Clinical.Samples;

/// <summary>Every sample file of the quickstart, made from a knowledge graph and a seed alone.</summary>
public static class SampleFiles
{
    /// <summary>The seed of the files that are shipped.</summary>
    public const long ShippedSeed = 7;

    private const int PretrainPasses = 40;
    private const int SftRows = 2880;
    private const int RewardRows = 4320;
    private const int HeldOutRows = 360;
    private const int HeldOutComparisons = 720;
    private const int RankedRows = 300;
    private const int PromptWordings = 5;
    private const int HeldOutPairWordings = 6;
    private const int ChineseExams = 200;
    private const int EnglishExams = 100;
    private const int CaseRows = 200;

    /// <summary>Builds the files; the same graph and seed give the same bytes.</summary>
    /// <param name="graph">Every subject needs at least two objects for each of the five relations it has, none a name that
    /// contains a list separator.</param>
    /// <param name="seed">Seed of every draw.</param>
    /// <returns>File names and contents: JSON lines, UTF-8 without a mark, LF.</returns>
    /// <exception cref="ProblemException">CGPT1003: the graph cannot carry the task.</exception>
    public static IReadOnlyList<(string Name, string Content)> Build(KnowledgeGraph graph, long seed)
    {
        GraphRequirements.Check(graph);
        var source = new SampleSource(graph, seed);
        var (development, heldOut) = ExactSets.HeldOutWordings(source, HeldOutRows);
        return
        [
            ("pretrain.jsonl", PretrainText.Build(source, PretrainPasses)),
            ("sft.jsonl", TrainingSamples.Sft(source, "sft", QuestionWordings.Training, SftRows)),
            ("sft-heldout.jsonl", TrainingSamples.Sft(source, "sft-heldout", QuestionWordings.HeldOut, HeldOutRows)),
            ("reward.jsonl", TrainingSamples.Reward(source, "reward", QuestionWordings.Training, RewardRows)),
            ("reward-heldout.jsonl", TrainingSamples.Reward(source, "reward-heldout", QuestionWordings.HeldOut, HeldOutComparisons)),
            ("ranked.jsonl", TrainingSamples.Ranked(source, RankedRows)),
            ("prompts.jsonl", TrainingSamples.Prompts(source, PromptWordings)),
            ("dev.jsonl", development),
            ("heldout-wordings.jsonl", heldOut),
            ("new-phrases.jsonl", ExactSets.NewPhrases(source, HeldOutRows)),
            ("heldout-pairs.jsonl", ExactSets.HeldOutPairs(source, HeldOutPairWordings)),
            ("triples-qa.jsonl", PaperSamples.TripleQuestions(source)),
            ("exams.jsonl", PaperSamples.Exams(source, ChineseExams, EnglishExams)),
            ("dialogues.jsonl", PaperSamples.Dialogues(source, CaseRows)),
            ("records.jsonl", PaperSamples.Records(source, CaseRows)),
        ];
    }
}
