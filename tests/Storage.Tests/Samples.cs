using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Models;
using ClinicalGpt.Orleans.Abstractions.Storage;

namespace ClinicalGpt.Orleans.Storage.Tests;

/// <summary>Commits to write.</summary>
internal static class Samples
{
    public static readonly LedgerEntry[] Entries =
        [new(0, "prompts.jsonl:3", ulong.MaxValue), new(1, "prompts.jsonl:1", 7), new(2, "prompts.jsonl:2", 1UL << 63)];

    public static RunProgress Progress(string stage, int iteration) => new()
    {
        Stage = stage,
        Iteration = iteration,
        Base = new BaseModelReference { Path = "/models/tiny", ContentHash = new string('a', 64) },
        Datasets = new Dictionary<string, DatasetReference>
        {
            ["sft"] = new() { Name = "sft", Hash = new string('b', 64), Records = 3 },
        },
        KlCoef = 0.1 + 0.2,
        Threads = 2,
    };

    public static SampleView Sample(int iteration, LedgerEntry entry) => new()
    {
        Iteration = iteration,
        Index = entry.Index,
        RecordId = entry.RecordId,
        Prompt = "糖尿病的症状?\n\"quoted\" \0 nul",
        Response = "多饮、多尿 \ud83e\ude7a",
        ResponseTokens = 5,
        Score = double.NaN,
        Reward = double.NegativeInfinity,
        Kl = -0.0,
        FinishReason = FinishReason.Length,
        Seed = entry.Seed,
        Temperature = 0.7,
        PolicyHash = "p",
        ReferenceHash = "r",
        RewardHash = "w",
    };

    public static IterationCommit Ppo(string runId, long epoch, int iteration) => new()
    {
        RunId = runId,
        Epoch = epoch,
        Stage = "ppo",
        Iteration = iteration,
        Progress = Progress("ppo", iteration + 1),
        Metrics = new Dictionary<string, double> { ["objective/kl"] = 0.25, ["loss/policy_avg"] = -1e-17 },
        Timings = new Dictionary<string, double> { ["time/learn"] = 1.5 },
        Samples = [.. Entries.Select(e => Sample(iteration, e))],
    };
}
