using System.Text;
using ClinicalGpt.Orleans.Abstractions.Data;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Clinical.Datasets;
using ClinicalGpt.Orleans.Clinical.Evaluation;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;

namespace ClinicalGpt.Orleans.Grains.Evaluation;

/// <summary>The measures: what is asked of the model, and what is made of its answers.</summary>
internal static class Measures
{
    private const int SamplesShown = 8;
    private const string GivenAnswer = "given";

    /// <summary>Mean loss of the given answers, nats per token.</summary>
    public static async Task<EvaluationResult> LossAsync(ModelProbe probe, ClinicalRecord[] cases)
    {
        var losses = await probe.LossesAsync(probe.Tokens.Pairs(cases));
        return Figures.Mean(probe.Request.Name, "loss", losses);
    }

    /// <summary>Share of answers that name exactly the graph's objects, each once, and end.</summary>
    public static async Task<EvaluationResult> GraphAgreementAsync(ModelProbe probe, ClinicalRecord[] cases, ReadOnlyMemory<byte> graph)
    {
        var checker = new AnswerChecker(KnowledgeGraph.Parse(Encoding.UTF8.GetString(graph.Span), "data.graph"));
        var answers = await probe.AnswerAsync([.. cases.Select(c => c.Prompt)]);
        var verdicts = cases.Zip(answers, (c, a) => a.Ended ? checker.Check(c.Language!, c.Subject!, c.Relation!, a.Text).ToString() : "Unended").ToArray();
        var exact = verdicts.Select(v => v == nameof(Verdict.Right) ? 1f : 0f).ToArray();
        var result = Figures.Share(probe.Request.Name, "exact", exact);
        foreach (var group in verdicts.GroupBy(v => v).Where(g => g.Key != nameof(Verdict.Right)))
        {
            result.Values[$"verdict-{group.Key.ToLowerInvariant()}"] = (double)group.Count() / verdicts.Length;
        }

        result.Values["length"] = answers.Average(a => a.Tokens);
        Figures.AddMean(result, "kl", answers.Select(a => a.Kl));
        Figures.AddMean(result, "score", answers.Select(a => a.Score));
        return result with { Samples = Show(cases, answers, verdicts) };
    }

    /// <summary>Exam accuracy: the most likely option as a continuation of the question, per token; and the option the
    /// written answer names. Chance stands beside both.</summary>
    public static async Task<EvaluationResult> ExamAsync(ModelProbe probe, ClinicalRecord[] cases)
    {
        var choices = cases.SelectMany(c => c.Options!.Select(o => (Case: c, Option: o))).ToArray();
        var losses = await probe.LossesAsync([.. choices.Select(c => (
            probe.Tokens.Prompt(c.Case.Prompt, 0), probe.Tokens.Answer(ExamPrompt.Continuation(c.Case.Prompt, c.Option))))]);
        var right = new float[cases.Length];
        for (int i = 0, at = 0; i < cases.Length; at += cases[i].Options!.Count, i++)
        {
            var own = losses.AsSpan(at, cases[i].Options!.Count).ToArray();
            right[i] = Array.IndexOf(own, own.Min()) == cases[i].AnswerIndex ? 1f : 0f;
        }

        var result = Figures.Share(probe.Request.Name, "accuracy", right);
        var answers = await probe.AnswerAsync([.. cases.Select(c => ExamPrompt.WithOptions(c, probe.Recipe.Data))]);
        var outcomes = cases.Zip(answers, (c, a) => ExamScoring.Score(a.Text, c.Options!, c.AnswerIndex!.Value)).ToArray();
        Figures.AddShare(result, "accuracy-by-text", [.. outcomes.Select(o => o == AnswerOutcome.Right ? 1f : 0f)]);
        result.Values["no-answer"] = outcomes.Count(o => o == AnswerOutcome.NoAnswer) / (double)cases.Length;
        result.Values["accuracy-chance"] = cases.Average(c => 1.0 / c.Options!.Count);
        Figures.AddGroups(result, "accuracy", cases, right);
        return result with { Samples = Show(cases, answers, [.. outcomes.Select(o => o.ToString())]) };
    }

    /// <summary>BLEU, GLEU and ROUGE of the written answers against the given ones.</summary>
    public static async Task<EvaluationResult> TextOverlapAsync(ModelProbe probe, ClinicalRecord[] cases)
    {
        var answers = await probe.AnswerAsync([.. cases.Select(c => c.Prompt)]);
        var perCase = cases.Zip(answers, (c, a) =>
        {
            var (hypothesis, reference) = TextTokens.Pair(a.Text, c.Completion!);
            return (float)Rouge.L(hypothesis, reference).F;
        }).ToArray();
        var result = Figures.Mean(probe.Request.Name, "rouge-l-mean", perCase);
        foreach (var (name, value) in TextOverlap.Measure([.. cases.Zip(answers, (c, a) => (a.Text, c.Completion!))]))
        {
            result.Values[name] = value;
        }

        return result with { Samples = Show(cases, answers, [.. cases.Select(_ => GivenAnswer)]) };
    }

    /// <summary>Share of comparisons the reward model ranks as given; length-only and length-matched figures beside it.</summary>
    public static async Task<EvaluationResult> RankingAsync(ModelProbe probe, ClinicalRecord[] cases)
    {
        var pairs = probe.Tokens.Comparisons(cases, probe.Request.AnswerOnly);
        var chosen = await probe.ScoresAsync([.. pairs.Select(p => p.Chosen)]);
        var rejected = await probe.ScoresAsync([.. pairs.Select(p => p.Rejected)]);
        var right = chosen.Zip(rejected, (c, r) => c > r ? 1f : 0f).ToArray();
        var result = Figures.Share(probe.Request.Name, "accuracy", right);
        var lengths = pairs.Select(p => (p.Chosen.Response.Length, p.Rejected.Response.Length)).ToArray();
        var matched = RankingBaselines.LengthMatched(lengths);
        Figures.AddShare(result, "accuracy-length-matched", [.. matched.Select(i => right[i])]);
        result.Values["cases-length-matched"] = matched.Count;
        result.Values["accuracy-length-only"] = RankingBaselines.LengthOnly(lengths);
        if (pairs.Count == cases.Length)
        {
            foreach (var kind in cases.Select((c, i) => (c.Kind, i)).Where(k => k.Kind is not null).GroupBy(k => k.Kind!).OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                result.Values[$"accuracy-{kind.Key}"] = kind.Average(k => right[k.i]);
            }
        }

        return result;
    }

    /// <summary>Diagnosis accuracy of the written answers, by disease group.</summary>
    public static async Task<EvaluationResult> DiagnosisAsync(ModelProbe probe, ClinicalRecord[] cases)
    {
        string[] labels = [.. cases.Select(c => c.Completion!).Distinct().Order(StringComparer.Ordinal)];
        var answers = await probe.AnswerAsync([.. cases.Select(c => c.Prompt)]);
        var outcomes = cases.Zip(answers, (c, a) => DiagnosisScoring.Score(a.Text, c.Completion!, labels)).ToArray();
        var right = outcomes.Select(o => o == AnswerOutcome.Right ? 1f : 0f).ToArray();
        var result = Figures.Share(probe.Request.Name, "accuracy", right);
        result.Values["no-answer"] = outcomes.Count(o => o == AnswerOutcome.NoAnswer) / (double)cases.Length;
        result.Values["accuracy-chance"] = 1.0 / labels.Length;
        Figures.AddGroups(result, "accuracy", cases, right);
        return result with { Samples = Show(cases, answers, [.. outcomes.Select(o => o.ToString())]) };
    }

    private static EvaluationSample[] Show(ClinicalRecord[] cases, IReadOnlyList<Answer> answers, string[] verdicts) =>
        [.. cases.Take(SamplesShown).Select((c, i) => new EvaluationSample(c.Id, c.Prompt, answers[i].Text, verdicts[i]))];
}
