using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;
using ClinicalGpt.Orleans.Clinical.Tests.Samples;

namespace ClinicalGpt.Orleans.Clinical.Tests.KnowledgeGraphs;

public sealed class KnowledgeGraphTests
{
    [Fact]
    public void Load_ShippedGraph_HasSixtyDiseasesAndFiveRelations()
    {
        var graph = Quickstart.Graph;

        Assert.Equal(60, graph.Subjects.Count);
        Assert.Equal(300, graph.Keys.Count);
        Assert.All(graph.Keys, key => Assert.InRange(graph.Objects(key).Count, 2, key.Relation == "symptom" ? 4 : 3));
    }

    [Fact]
    public void Load_ShippedGraph_NoTwoDiseasesShareAWholeAnswer()
    {
        var graph = Quickstart.Graph;

        var shared = graph.Keys.GroupBy(k => $"{k.Relation}: {string.Join('|', graph.Objects(k).Select(o => o.En).Order())}")
            .Where(g => g.Count() > 1).Select(g => g.Key);

        Assert.Empty(shared);
    }

    [Fact]
    public void Load_ShippedGraph_NamesBelongToOneEntityEach()
    {
        var names = Quickstart.Graph.Triples.Select(t => t.Object).Distinct().ToList();

        Assert.Equal(names.Count, names.Select(n => n.En).Distinct().Count());
        Assert.Equal(names.Count, names.Select(n => n.Zh).Distinct().Count());
    }

    [Fact]
    public void Load_ShippedGraph_HasThePapersSevenGroups()
    {
        var groups = Quickstart.Graph.Subjects.Select(s => Quickstart.Graph.Group(s.En)).OfType<string>().Distinct().Order();

        Assert.Equal(["digestive", "gynecology", "hematology", "neurology", "psychiatry", "respiratory", "urinary"], groups);
    }

    [Fact]
    public void Write_ShippedGraph_RoundTrips()
    {
        Assert.Equal(Quickstart.Graph.Triples, KnowledgeGraph.Parse(Quickstart.Graph.Write(), "copy").Triples);
    }

    [Fact]
    public void Parse_BrokenLines_NamesEachByNumber()
    {
        const string Good = """{"subject":{"en":"gout","zh":"痛风"},"relation":"drug","object":{"en":"colchicine","zh":"秋水仙碱"}}""";
        var text = $"{Good}\nnot json\n\n{Good.Replace("痛风", " ", StringComparison.Ordinal)}\n[1]\n";

        var problems = Assert.Throws<ProblemException>(() => KnowledgeGraph.Parse(text, "g.jsonl")).Problems;

        Assert.Equal([2, 4, 5], problems.Select(p => p.Line!.Value));
        Assert.All(problems, p => Assert.Equal(ErrorCodes.DataRecordInvalid, p.Code));
    }

    [Fact]
    public void Parse_RepeatedTriple_CountsOnce()
    {
        const string Line = """{"subject":{"en":"gout","zh":"痛风"},"relation":"drug","object":{"en":"colchicine","zh":"秋水仙碱"}}""";

        Assert.Single(KnowledgeGraph.Parse($"\uFEFF{Line}\r\n{Line}\r\n", "g").Triples);
    }

    [Fact]
    public void Load_MissingFile_SaysSo()
    {
        var problem = Assert.Single(Assert.Throws<ProblemException>(() => KnowledgeGraph.Load("no-such-graph.jsonl")).Problems);

        Assert.Equal(ErrorCodes.DataFileMissing, problem.Code);
        Assert.Equal("no-such-graph.jsonl", problem.File);
    }

    [Fact]
    public void Parse_NoTriple_SaysEmpty()
    {
        Assert.Equal(ErrorCodes.DataFileEmpty, Assert.Throws<ProblemException>(() => KnowledgeGraph.Parse("\n\n", "g")).Problems[0].Code);
    }
}
