using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;
using ClinicalGpt.Orleans.Clinical.Tests.Samples;

namespace ClinicalGpt.Orleans.Clinical.Tests.KnowledgeGraphs;

public sealed class TripleTemplatesTests
{
    [Fact]
    public void Render_Test_WritesThePapersWords()
    {
        Assert.Contains(
            new TripleQuestion("诊断肺炎需要进行哪些检查？", "诊断肺炎需要进行如胸片、血常规等检查。", "test"),
            TripleTemplates.Render("zh", "test", "肺炎", ["胸片", "血常规"]));
        Assert.Contains(
            new TripleQuestion("What tests are needed to diagnose pneumonia?", "Tests such as chest X-ray and blood count are required to diagnose pneumonia.", "test"),
            TripleTemplates.Render("en", "test", "pneumonia", ["chest X-ray", "blood count"]));
    }

    [Fact]
    public void Render_SubjectAtTheBeginning_TakesACapital()
    {
        Assert.Equal("Aspirin interacts with warfarin.", TripleTemplates.Render("en", TripleTemplates.Interaction, "aspirin", ["warfarin"])[0].Answer);
    }

    [Theory]
    [InlineData("zh", 17)]
    [InlineData("en", 18)]
    public void Render_EveryRelation_HasThePapersTemplates(string language, int templates)
    {
        var all = TripleTemplates.Relations.SelectMany(r => TripleTemplates.Render(language, r, "s", ["o"])).ToList();

        Assert.Equal(templates, all.Count);
        Assert.All(all, q => Assert.DoesNotContain("{", q.Question + q.Answer, StringComparison.Ordinal));
    }

    [Fact]
    public void Render_Graph_TurnsDrugEdgesRound()
    {
        var questions = TripleTemplates.Render(Quickstart.Graph, "en", [new GraphKey("gout", "drug"), new GraphKey("migraine", "drug")]);

        Assert.Contains(questions, q => q.Answer == "Ibuprofen is primarily used to treat diseases such as gout and migraine.");
        Assert.All(questions, q => Assert.Equal(TripleTemplates.Indication, q.Relation));
    }

    [Fact]
    public void Render_UnknownRelation_GivesNothing() => Assert.Empty(TripleTemplates.Render("zh", "price", "肺炎", ["高"]));
}
