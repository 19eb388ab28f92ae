using ClinicalGpt.Orleans.Clinical.KnowledgeGraphs;
using ClinicalGpt.Orleans.Clinical.Samples;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>data</c>: files made from a knowledge graph.</summary>
internal static class DataCommand
{
    public static Command Create(CommandContext context) =>
        new("data", "Works on data files.") { Generate(context) };

    private static Command Generate(CommandContext context)
    {
        var graph = new Option<string>("--graph") { Description = "Knowledge graph: JSON lines of subject, relation, object.", Required = true };
        var output = new Option<string>("--out") { Description = "The folder the sample files are written to; existing ones are replaced.", Required = true };
        var seed = new Option<long>("--seed") { Description = "Seed of every draw.", DefaultValueFactory = _ => SampleFiles.ShippedSeed };
        var command = new Command("generate", "Makes the quickstart's sample files from a knowledge graph; the same graph and seed give the same bytes.")
        {
            graph, output, seed,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = result.GetValue(output)!;
            var files = SampleFiles.Build(KnowledgeGraph.Load(result.GetValue(graph)!), result.GetValue(seed));
            foreach (var (name, content) in files)
            {
                await WriteAsync(folder, name, content, cancellationToken);
                context.Terminal.Out.WriteLine(Path.Combine(folder, name));
            }

            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(command, "clinicalgpt data generate --graph samples/quickstart/graph.jsonl --out samples/quickstart");
    }

    private static async Task WriteAsync(string folder, string name, string content, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, name), content, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProblemException(ErrorCodes.WriteFailed, $"the file cannot be written: {e.Message}", Path.Combine(folder, name), key: "--out");
        }
    }
}
