using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace ClinicalGpt.Orleans.Cli.Commands;

/// <summary>The usual help, with the command's examples below it.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private static readonly ConditionalWeakTable<Command, string[]> ExamplesOf = [];

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        if (ExamplesOf.TryGetValue(parseResult.CommandResult.Command, out var lines))
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in lines)
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }

        return code;
    }

    /// <summary>Gives a command its examples.</summary>
    public static Command Attach(Command command, params string[] lines)
    {
        ExamplesOf.Add(command, lines);
        return command;
    }
}
