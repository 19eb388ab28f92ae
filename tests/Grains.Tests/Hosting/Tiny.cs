using ClinicalGpt.Orleans.Abstractions.Recipes;
using ClinicalGpt.Orleans.Client.Recipes;

namespace ClinicalGpt.Orleans.Grains.Tests.Hosting;

/// <summary>recipes/micro.yaml over the first lines of its files: every stage, within seconds.</summary>
public static class Tiny
{
    public const int Iterations = 3;

    private static readonly Lazy<string> DataFolder = new(WriteData);

    private static readonly string[] Shrunk =
    [
        "compute.threads=1", "sft.maxRows=16", "sft.batchSize=8", "sft.microBatchSize=4", "sft.commitEvery=1", "reward.maxRows=16",
        "reward.batchSize=8", "reward.microBatchSize=4", "reward.commitEvery=2", "reward.normalizationSamples=12", $"ppo.iterations={Iterations}",
        "ppo.rolloutBatchSize=8", "ppo.chunkSize=3", "ppo.minibatchSize=4", "ppo.maxResponseTokens=24", "ppo.evaluateEvery=0",
        "evaluate.maxCases=4", "evaluate.batchSize=4", "evaluate.maxResponseTokens=16",
    ];

    public static string ModelFolder { get; } = Path.Combine(AppContext.BaseDirectory, "models", "tiny-bloom");

    /// <summary>The first lines of a sample file.</summary>
    public static string File(string name) => Path.Combine(DataFolder.Value, "samples", "quickstart", name);

    public static Recipe Recipe(params string[] sets) => RecipeReader.ReadFile(
        Path.Combine(DataFolder.Value, "recipes", "micro.yaml"), [$"model.path={ModelFolder}", .. Shrunk, .. sets]);

    /// <summary>The same without evaluation.</summary>
    public static Recipe Training(params string[] sets) => Recipe(["evaluate=null", .. sets]);

    private static string WriteData()
    {
        var root = Path.Combine(AppContext.BaseDirectory, "tiny");
        var samples = Directory.CreateDirectory(Path.Combine(root, "samples", "quickstart")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "samples", "quickstart"), "*.jsonl"))
        {
            var most = Path.GetFileName(file) == "graph.jsonl" ? int.MaxValue : 24;
            System.IO.File.WriteAllLines(Path.Combine(samples, Path.GetFileName(file)), System.IO.File.ReadLines(file).Take(most));
        }

        var recipes = Directory.CreateDirectory(Path.Combine(root, "recipes")).FullName;
        System.IO.File.Copy(Path.Combine(AppContext.BaseDirectory, "recipes", "micro.yaml"), Path.Combine(recipes, "micro.yaml"), overwrite: true);
        return root;
    }
}
