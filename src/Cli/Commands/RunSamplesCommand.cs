using System.Globalization;
using ClinicalGpt.Orleans.Abstractions.Messages;
using ClinicalGpt.Orleans.Cli.Local;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary><c>run samples</c>: what the policy wrote in training, with its scores.</summary>
internal static class RunSamplesCommand
{
    public static Command Create(CommandContext context)
    {
        var id = RunCommands.Id();
        var iteration = new Option<int?>("--iteration") { Description = "Only this PPO iteration, 0-based. Default: the newest first.", HelpName = "n" };
        var limit = new Option<int>("--limit") { Description = "Most samples, 1 to 1000.", DefaultValueFactory = _ => 20, HelpName = "n" };
        limit.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<int>() is < 1 or > 1000)
            {
                r.AddError("--limit must be 1 to 1000.");
            }
        });
        var offset = new Option<int>("--offset") { Description = "Samples to pass over.", HelpName = "n" };
        var command = new Command("samples", "Prompts and answers of PPO with reward, KL and provenance.") { id, iteration, limit, offset };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var session = await ClusterSession.OpenAsync(context, result, cancellationToken);
            var only = result.GetValue(iteration);
            var samples = await session.Client.GetRun(result.GetValue(id)!).GetSamplesAsync(
                new SampleQuery
                {
                    FromIteration = only ?? 0,
                    ToIteration = only,
                    Limit = result.GetValue(limit),
                    Offset = result.GetValue(offset),
                    NewestFirst = only is null,
                },
                cancellationToken);
            if (context.IsJson(result))
            {
                context.Terminal.WriteJson(samples);
            }
            else
            {
                Show(context.Terminal, samples);
            }

            return ExitCodes.Ok;
        });
        return HelpWithExamples.Attach(
            command, "clinicalgpt run samples trial-7", "clinicalgpt run samples trial-7 --iteration 39 --limit 64 -o json");
    }

    private static void Show(Terminal terminal, IReadOnlyList<SampleView> samples)
    {
        var table = Tables.Create("iteration", "record", "prompt", "answer", "reward", "KL", "tokens", "end");
        foreach (var sample in samples)
        {
            table.Line(
                sample.Iteration.ToString(CultureInfo.InvariantCulture),
                sample.RecordId,
                Format.Shorten(sample.Prompt, 60),
                Format.Shorten(sample.Response, 80),
                Format.Number(sample.Reward),
                Format.Number(sample.Kl),
                sample.ResponseTokens.ToString(CultureInfo.InvariantCulture),
                Format.Status(sample.FinishReason));
        }

        terminal.Write(table);
    }
}
