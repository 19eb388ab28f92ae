using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run export</c>.</summary>
internal static class RunExportCommand
{
    private static readonly Dictionary<string, ExportFormat> Formats = new(StringComparer.Ordinal)
    {
        ["huggingface"] = ExportFormat.HuggingFace,
        ["peft"] = ExportFormat.Peft,
        ["reward-model"] = ExportFormat.RewardModel,
        ["metrics"] = ExportFormat.Metrics,
        ["report"] = ExportFormat.Report,
        ["samples"] = ExportFormat.Samples,
        ["all"] = ExportFormat.All,
    };

    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var format = new Option<string>("--format") { Description = "What to export.", DefaultValueFactory = _ => "huggingface" };
        format.AcceptOnlyFromAmong([.. Formats.Keys]);
        var weights = new Option<string>("--weights") { Description = "Which policy: the last, the best on the development split, or SFT.", DefaultValueFactory = _ => "last" };
        weights.AcceptOnlyFromAmong("last", "best", "sft");
        var folder = new Option<string>("--out") { Description = "The new folder.", Required = true, HelpName = "folder" };
        var command = new Command("export", "Writes a model, adapter, metrics, report or samples into a folder.") { id, format, weights, folder };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var target = Path.GetFullPath(result.GetValue(folder)!);
            var files = await session.Client.GetRun(result.GetValue(id)!).ExportAsync(
                Formats[result.GetValue(format)!], target, result.GetValue(weights)!, cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(new { Folder = target, Files = files });
                return ExitCodes.Ok;
            }

            foreach (var file in files)
            {
                context.Terminal.Out.WriteLine(Path.Combine(target, file));
            }

            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(
            command,
            "clinicalgpt run export trial-7 --out model",
            "clinicalgpt run export trial-7 --format peft --weights best --out adapter",
            "clinicalgpt run export trial-7 --format all --out everything");
    }
}
