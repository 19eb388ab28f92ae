using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Memory;
using ClinicalGpt.Orleans.Benchmarks.Iteration.Phases;
using ClinicalGpt.Orleans.Silo.Hosting;

namespace ClinicalGpt.Orleans.Benchmarks.Iteration.Workers;

/// <summary>The hidden command that a worker process runs: reads a command a line from standard input, answers each with a
/// line, and ends with its input, so that it never outlives the program that started it.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";
    public const string ConnectionVariable = "CLINICALGPT_CONNECTION";
    public const string Direct = "direct";

    public static Command Create()
    {
        var name = new Option<string>("--name") { Required = true };
        var roles = new Option<string>("--roles") { Required = true, Description = "The silo's roles; `direct`: no silo, plain calls." };
        var cluster = new Option<string>("--cluster") { Required = true };
        var command = new Command(Name, "For the program itself: a process that is measured.") { name, roles, cluster };
        command.Hidden = true;
        command.SetAction(async (result, _) =>
        {
            var log = new SpanLog();
            var connection = Environment.GetEnvironmentVariable(ConnectionVariable) ?? "";
            await using IWorker worker = result.GetValue(roles) == Direct
                ? new DirectWorker(connection, log)
                : await SiloWorker.StartAsync(
                    result.GetValue(name)!, result.GetValue(roles)!.Split(','), result.GetValue(cluster)!, connection, log);
            await Console.Out.WriteLineAsync("ready");
            while (await Console.In.ReadLineAsync() is { } line)
            {
                await Console.Out.WriteLineAsync(await AnswerAsync(worker, log, line.Split(' ', 2)));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static async Task<string> AnswerAsync(IWorker worker, SpanLog log, string[] words)
    {
        try
        {
            switch (words[0])
            {
                case "run":
                    return await worker.RunAsync(words[1]);
                case "spans":
                    log.Write(words[1]);
                    return "written";
                case "memory":
                    return JsonSerializer.Serialize(MemoryPoint.Now(int.Parse(words[1], CultureInfo.InvariantCulture)));
                case "watch":
                    MemoryWatch.Begin(log, every: int.Parse(words[1], CultureInfo.InvariantCulture));
                    return "watching";
                case "watched":
                    return JsonSerializer.Serialize(MemoryWatch.End(log));
                default:
                    return $"! unknown command {words[0]}";
            }
        }
        catch (ProblemException e)
        {
            return $"! {string.Join("; ", e.Problems.Select(p => p.ToString().ReplaceLineEndings(" ")))}";
        }
    }
}
