using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Abstractions.Telemetry;
using ClinicalGpt.Orleans.Cli.Output;
using ClinicalGpt.Orleans.Cli.Report;

namespace ClinicalGpt.Orleans.Cli.Tests.Report;

public sealed class BeforeAfterReportTests
{
    [Fact]
    public void Build_Models_AreInTheOrderOfTraining()
    {
        var report = Build(Exact("ppo", 1), Exact("sharpened", 0.5), Exact("base", 0.25), Exact("sft", 0.5));

        Assert.Equal(["base", "sft", "sharpened", "ppo"], report.Models);
    }

    [Fact]
    public void Build_ExactWithInterval_IsOneRowOverTheModels()
    {
        var report = Build(
            Result("base/exact/heldout-wordings/sampled", [("exact", 0.25)], interval: ("exact", 0.2, 0.3)),
            Result("ppo/exact/heldout-wordings/sampled", [("exact", 0.875), ("malformed", 0.01)]));

        var row = Assert.Single(report.Rows);
        Assert.Equal("exact: heldout-wordings, sampled", row.Label);
        Assert.True(row.IsShare);
        Assert.Equal(new Figure(0.25, 0.2, 0.3), row.Figures["base"]);
        Assert.Equal(new Figure(0.875, null, null), row.Figures["ppo"]);
    }

    [Fact]
    public void Build_Kinds_ComeInReadingOrderWithTheirUnits()
    {
        var report = Build(
            Result("ppo/dialogue/chat", [("bleu-4", 0.1), ("rouge-l", 0.3), ("seconds", 2)]),
            Result("ppo/exam/exams", [("accuracy", 0.5)]),
            Result("ppo/exact/heldout-wordings/sampled", [("exact", 0.9), ("kl", 1.1), ("score", 0.8)]),
            Result("ppo/loss/sft-heldout", [("loss", 1.5)]));

        Assert.Equal(
            [
                "loss (nats/token): sft-heldout", "exact: heldout-wordings, sampled", "KL (nats/sequence): heldout-wordings, sampled",
                "reward-model score: heldout-wordings, sampled", "exam accuracy: exams", "dialogue bleu-4: chat", "dialogue rouge-l: chat",
            ],
            report.Rows.Select(r => r.Label));
        Assert.Equal([false, true, false, false, true, false, false], report.Rows.Select(r => r.IsShare));
    }

    [Fact]
    public void Build_SameCases_GainIsPaired()
    {
        // Differences 1, 0, 0, 1: mean 0.5, variance (4 x 0.25) / 3 = 1/3, half width 1.959964 x sqrt(1/12) = 0.565793.
        var report = Build(
            Result("sft/exact/x/sampled", [("exact", 0.5)], cases: [0, 1, 1, 0]),
            Result("ppo/exact/x/sampled", [("exact", 1.0)], cases: [1, 1, 1, 1]));

        var gain = Assert.Single(report.Rows).Gain!;
        Assert.Equal(0.5, gain.Value, 6);
        Assert.Equal(-0.065793, gain.Low!.Value, 6);
        Assert.Equal(1.065793, gain.High!.Value, 6);
    }

    [Fact]
    public void Build_OtherCases_HasNoGain()
    {
        var report = Build(
            Result("sft/exact/x/sampled", [("exact", 0.5)], cases: [0, 1]),
            Result("ppo/exact/x/sampled", [("exact", 1.0)], cases: [1, 1, 1]));

        Assert.Null(Assert.Single(report.Rows).Gain);
    }

    [Fact]
    public void Build_RewardModel_IsApartWithItsBaselines()
    {
        var report = Build(
            Result("reward/ranking/heldout", [("accuracy", 0.92), ("length-only", 0.5)]),
            Result("reward-answer-only/ranking/heldout", [("accuracy", 0.8)]),
            Exact("sft", 0.5));

        Assert.Equal(["sft"], report.Models);
        Assert.Equal(
            ["reward, heldout: accuracy", "reward, heldout: length-only", "reward-answer-only, heldout: accuracy"],
            report.Reward.Select(r => r.Label));
    }

    [Fact]
    public void Build_Iterations_SummarisesTheLastTen()
    {
        var iterations = Enumerable.Range(0, 12).Select(i => new IterationView
        {
            Stage = StageNames.Ppo,
            Iteration = i,
            Metrics = new() { [MetricNames.Kl] = i < 2 ? 100 : 1, [MetricNames.Scores] = i < 2 ? -1 : 0.5 },
            Timings = [],
            CommittedAt = DateTimeOffset.UnixEpoch,
        });

        var report = BeforeAfterReport.Build([], [.. iterations]);

        Assert.Equal(new PpoSummary(1, -1, 0.5, 12), report.Ppo);
    }

    [Fact]
    public void Build_Samples_ArePairedByRecord()
    {
        var report = Build(
            Result("sft/exact/x/sampled", [("exact", 0)], samples: [new("r:1", "问", "甲", "wrong"), new("r:2", "p", "a", "exact")]),
            Result("ppo/exact/x/sampled", [("exact", 1)], samples: [new("r:1", "问", "乙", "exact")]),
            Result("ppo/exact/y/sampled", [("exact", 1)], samples: [new("r:2", "p", "b", "exact")]));

        Assert.Equal(new AnswerPair("r:1", "问", "甲", "wrong", "乙", "exact"), Assert.Single(report.Answers));
    }

    [Fact]
    public void Write_Report_ShowsFiguresAndTextWithBracketsAsItIs()
    {
        using var output = new StringWriter();
        var report = Build(
            Result("sft/exact/x/sampled", [("exact", 0.5)], interval: ("exact", 0.4, 0.6), cases: [0, 1], samples: [new("r", "[q]", "[red]", "wrong")]),
            Result("ppo/exact/x/sampled", [("exact", 1.0)], cases: [1, 1], samples: [new("r", "[q]", "b", "exact")]));

        ReportView.Write(new Terminal(output, TextWriter.Null, isInteractive: false), report, 8);

        var text = output.ToString();
        Assert.Contains("50.0 % [40.0, 60.0]", text, StringComparison.Ordinal);
        Assert.Contains("+50.0 %", text, StringComparison.Ordinal);
        Assert.Contains("[red]", text, StringComparison.Ordinal);
    }

    private static BeforeAfterReport Build(params EvaluationResult[] results) => BeforeAfterReport.Build(results, []);

    private static EvaluationResult Exact(string model, double share) => Result($"{model}/exact/x/sampled", [("exact", share)]);

    private static EvaluationResult Result(
        string name, (string Key, double Value)[] values, (string Key, double Low, double High)? interval = null, float[]? cases = null,
        EvaluationSample[]? samples = null) => new()
        {
            Name = name,
            Cases = cases?.Length ?? 0,
            Values = values.ToDictionary(v => v.Key, v => v.Value),
            Intervals = interval is { } i ? new() { [i.Key] = [i.Low, i.High] } : [],
            CaseValues = FloatBlock.From(cases ?? []),
            Samples = samples ?? [],
        };
}
