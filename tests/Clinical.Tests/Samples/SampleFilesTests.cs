using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;
using ClinicalGpt.Orleans.Clinical.Samples;

namespace ClinicalGpt.Orleans.Clinical.Tests.Samples;

public sealed class SampleFilesTests
{
    private static readonly string[] TrainingFiles = ["sft.jsonl", "reward.jsonl", "prompts.jsonl", "ranked.jsonl"];
    private static readonly string[] HeldOutWordingFiles = ["sft-heldout.jsonl", "reward-heldout.jsonl", "dev.jsonl", "heldout-wordings.jsonl"];

    [Fact]
    public void Build_ShippedGraphAndSeed_EqualsShippedFiles()
    {
        foreach (var (name, content) in SampleFiles.Build(Quickstart.Graph, SampleFiles.ShippedSeed))
        {
            Assert.True(content == File.ReadAllText(Quickstart.PathOf(name)), $"{name} differs from what the generator makes");
        }
    }

    [Fact]
    public void Build_OtherSeed_DrawsOtherFiles()
    {
        var files = SampleFiles.Build(Quickstart.Graph, SampleFiles.ShippedSeed + 1);

        Assert.All(files, file => Assert.NotEqual(File.ReadAllText(Quickstart.PathOf(file.Name)), file.Content));
    }

    [Fact]
    public void Build_ShippedGraph_WritesUnixLinesWithoutMark()
    {
        Assert.All(
            SampleFiles.Build(Quickstart.Graph, SampleFiles.ShippedSeed),
            file =>
            {
                Assert.DoesNotContain('\r', file.Content);
                Assert.Equal('{', file.Content[0]);
                Assert.EndsWith("}\n", file.Content, StringComparison.Ordinal);
            });
    }

    [Fact]
    public void Build_HeldOutPairs_AreAskedNowhereElse()
    {
        var held = Quickstart.Rows("heldout-pairs.jsonl").Select(r => r.Key()).ToHashSet();

        Assert.Equal(30, held.Count);
        foreach (var name in TrainingFiles.Concat(HeldOutWordingFiles).Append("new-phrases.jsonl"))
        {
            Assert.DoesNotContain(Quickstart.Rows(name), r => held.Contains(r.Key()));
        }

        var prompts = Quickstart.Rows("heldout-pairs.jsonl").Select(r => r.Text("prompt")).ToHashSet();
        Assert.DoesNotContain(Quickstart.Rows("pretrain.jsonl"), r => prompts.Any(p => r.Text("text").StartsWith(p, StringComparison.Ordinal)));
    }

    [Fact]
    public void Build_HeldOutWordings_AreInNoTrainingFile()
    {
        var held = HeldOutWordingFiles.Append("new-phrases.jsonl")
            .SelectMany(Quickstart.Rows).Select(r => r.Text("prompt")).ToHashSet();
        var trained = new[] { "sft.jsonl", "reward.jsonl", "prompts.jsonl" }.SelectMany(Quickstart.Rows).Select(r => r.Text("prompt"));
        var asked = Quickstart.Rows("pretrain.jsonl").Select(r => PromptOf(r.Text("text"))).OfType<string>();

        Assert.Empty(held.Intersect(trained));
        Assert.Empty(held.Intersect(asked));
    }

    [Fact]
    public void Build_DevelopmentAndReportSets_AreDisjoint()
    {
        var development = Quickstart.Rows("dev.jsonl").Select(r => r.Text("prompt")).ToHashSet();
        var report = Quickstart.Rows("heldout-wordings.jsonl").Select(r => r.Text("prompt")).ToHashSet();

        Assert.Equal(360, development.Count);
        Assert.Equal(360, report.Count);
        Assert.Empty(development.Intersect(report));
    }

    [Theory]
    [InlineData("dev.jsonl")]
    [InlineData("heldout-wordings.jsonl")]
    [InlineData("new-phrases.jsonl")]
    [InlineData("heldout-pairs.jsonl")]
    public void Build_EvaluationCompletions_AreRight(string name)
    {
        var checker = new AnswerChecker(Quickstart.Graph);

        Assert.All(Quickstart.Rows(name), r => Assert.Equal(
            Verdict.Right, checker.Check(r.Text("language"), r.Text("subject"), r.Text("relation"), r.Text("completion"))));
    }

    [Fact]
    public void Build_SftAnswers_HaveTheWantedMix()
    {
        var checker = new AnswerChecker(Quickstart.Graph);
        var rows = Quickstart.Rows("sft.jsonl");
        var shares = rows.GroupBy(r => checker.Check(r.Text("language"), r.Text("subject"), r.Text("relation"), r.Text("completion")))
            .ToDictionary(g => g.Key, g => g.Count() / (double)rows.Count);

        Assert.Equal(2880, rows.Count);
        Assert.Equal(4, shares.Count);
        Assert.InRange(shares[Verdict.Right], 0.57, 0.63);
        Assert.InRange(shares[Verdict.Incomplete], 0.17, 0.23);
        Assert.InRange(shares[Verdict.Wrong], 0.10, 0.14);
        Assert.InRange(shares[Verdict.Sloppy], 0.06, 0.10);
    }

    [Fact]
    public void Build_Comparisons_AreWhatTheirKindSays()
    {
        var checker = new AnswerChecker(Quickstart.Graph);
        var rows = Quickstart.Rows("reward.jsonl");

        Assert.Equal(4320, rows.Count);
        Assert.All(rows, r =>
        {
            var chosen = checker.Check(r.Text("language"), r.Text("subject"), r.Text("relation"), r.Text("chosen"));
            var rejected = checker.Check(r.Text("language"), r.Text("subject"), r.Text("relation"), r.Text("rejected"));
            Assert.Equal(r.Text("kind"), $"{chosen}>{rejected}".ToLowerInvariant());
        });
        Assert.InRange(rows.Count(r => r.Text("kind") == "right>incomplete") / (double)rows.Count, 0.37, 0.43);
        Assert.InRange(rows.Count(r => r.Text("kind") == "incomplete>wrong") / (double)rows.Count, 0.08, 0.12);
    }

    [Fact]
    public void Build_EveryPretrainPass_StatesEveryFact()
    {
        var texts = Quickstart.Rows("pretrain.jsonl").Select(r => r.Text("text")).ToList();
        var verdicts = texts.Where(t => t.Contains("</s>", StringComparison.Ordinal)).ToList();
        var statements = texts.Count(t => PromptOf(t) is null);

        Assert.InRange(statements, 40 * 600, 40 * 660);
        Assert.InRange(verdicts.Count / (40.0 * 540), 0.78, 0.82);
        Assert.All(verdicts, t => Assert.Contains(t.Split("</s>")[1], Judgements));
    }

    [Fact]
    public void Build_SubjectWithOneObject_SaysWhich()
    {
        var graph = new KnowledgeGraph(Quickstart.Graph.Triples.Append(
            new GraphTriple(new BilingualName("hiccups", "呃逆"), "drug", new BilingualName("water", "水"))));

        var problem = Assert.Single(Assert.Throws<ProblemException>(() => SampleFiles.Build(graph, 1)).Problems);
        Assert.Equal(ErrorCodes.DataRecordInvalid, problem.Code);
        Assert.Contains("\"hiccups\" has one drug only", problem.Message, StringComparison.Ordinal);
    }

    private static readonly string[] Judgements = ["正确", "不全", "重复", "错误", "Correct", "Incomplete", "Repeated", "Wrong"];

    private static string? PromptOf(string text)
    {
        foreach (var cue in new[] { "\n答：", "\nAnswer:" })
        {
            var at = text.IndexOf(cue, StringComparison.Ordinal);
            if (at >= 0)
            {
                return text[..(at + cue.Length)];
            }
        }

        return null;
    }
}
