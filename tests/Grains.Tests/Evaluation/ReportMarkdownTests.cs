using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Abstractions.Storage;
using ClinicalGpt.Orleans.Grains.Evaluation;
using ClinicalGpt.Orleans.Grains.Exports;
using ClinicalGpt.Orleans.Grains.Tests.Hosting;
using ClinicalGpt.Orleans.Grains.Tests.Runs;

namespace ClinicalGpt.Orleans.Grains.Tests.Evaluation;

public sealed class ReportMarkdownTests
{
    [Fact]
    public void Render_Results_MakesOneTableForEachSetWithOneRowForEachModel()
    {
        var extra = Figures.Share("sft/exam/exams", "accuracy", [1, 0]);
        extra.Values["chance"] = 0.25;

        var text = Render(Figures.Share("base/exam/exams", "accuracy", [0, 0]), extra, Figures.Mean("base/loss/heldout", "loss", [2]));

        Assert.Contains(
            "\n## exam/exams\n\n| model | cases | accuracy | chance |\n| --- | ---: | ---: | ---: |\n" +
            "| base | 2 | 0.000 [0.000, 0.658] |  |\n| sft | 2 | 0.500 [0.095, 0.905] | 0.250 |\n",
            text, StringComparison.Ordinal);
        Assert.Contains("\n## loss/heldout\n\n| model | cases | loss |\n| --- | ---: | ---: |\n| base | 1 | 2.000 |\n", text, StringComparison.Ordinal);
        Assert.StartsWith("# Evaluation of run run-1\n", text, StringComparison.Ordinal);
        Assert.Contains("Not for clinical use.", text, StringComparison.Ordinal);
    }

    private static string Render(params EvaluationResult[] results)
    {
        var recipe = Tiny.Recipe();
        var run = new StoredRun("run-1", "micro", "{}", new string('a', 64), RunStatus.Completed, null, 1, default, default);
        return ReportMarkdown.Render(new ExportScope(run, recipe, Plans.Trained(), "last", CancellationToken.None), results);
    }
}
