using System.CommandLine.Help;
using System.CommandLine.Invocation;
using ClinicalGpt.Orleans.Cli.Commands;
using ClinicalGpt.Orleans.Cli.Home;
using ClinicalGpt.Orleans.Cli.Output;

namespace ClinicalGpt.Orleans.Cli;

/// <summary>The command line <c>clinicalgpt</c>: parses, runs a command, turns what goes wrong into lines and an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs one command.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="terminal">Where data and messages go.</param>
    /// <param name="cancellationToken">Ctrl-C.</param>
    /// <returns>An exit code of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, Terminal terminal, CancellationToken cancellationToken)
    {
        // The child process of `up`: everything after `silo` is the host's configuration, not ours.
        if (args is ["silo", ..])
        {
            return await SiloApplication.RunAsync(args[1..], cancellationToken);
        }

        var home = ClinicalGptHome.Locate();
        try
        {
            var result = CreateRoot(terminal, home).Parse(args);
            if (result.Action is ParseErrorAction)
            {
                return ReportUsage(result, terminal);
            }

            var invocation = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await result.InvokeAsync(invocation, cancellationToken);
        }
        catch (ProblemException e)
        {
            terminal.WriteProblems(e.Problems);
            return ExitCodes.For(e);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Error.WriteLine("interrupted");
            return ExitCodes.Interrupted;
        }
#pragma warning disable CA1031 // The last line of defence: the trace goes to a file, a sentence to the user.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var log = home.RecordFailure(e);
            terminal.Error.WriteLine($"unexpected {e.GetType().Name}; this is a fault of the program. The particulars are in {log}");
            return ExitCodes.Failed;
        }
    }

    /// <summary>The commands, for running them and for tests of their names.</summary>
    /// <param name="terminal">Where data and messages go.</param>
    /// <param name="home">The folder of this user's cluster.</param>
    internal static RootCommand CreateRoot(Terminal terminal, ClinicalGptHome home)
    {
        var context = new CommandContext(terminal, home);
        var root = new RootCommand("ClinicalGPT on Orleans: fine-tune, learn from preferences and evaluate medical language models.")
        {
            DemoCommand.Create(context),
            UpCommand.Create(context),
            DownCommand.Create(context),
            RunCommands.Create(context),
            ClusterCommand.Create(context),
            RecipeCommand.Create(context),
            DataCommand.Create(context),
            MigrateCommand.Create(context),
            new Command("silo", "Runs one silo in this process (what `up` starts); takes --Section:Key=value settings.") { Hidden = true },
        };
        root.Options.Add(context.Output);
        root.Options.Add(context.Connection);
        root.Options.Add(context.ClusterId);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static int ReportUsage(ParseResult result, Terminal terminal)
    {
        if (result.CommandResult.Command.Subcommands.Count > 0 && result.UnmatchedTokens.Count == 0)
        {
            // `clinicalgpt` or `clinicalgpt run` alone: the list of commands says more than an error does.
            new HelpAction().Invoke(result);
            return ExitCodes.Usage;
        }

        foreach (var error in result.Errors)
        {
            terminal.Error.WriteLine(error.Message);
        }

        var path = string.Join(' ', Path(result.CommandResult).Reverse());
        terminal.Error.WriteLine($"Try '{path} --help'.");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(System.CommandLine.Parsing.SymbolResult? result)
    {
        for (; result is System.CommandLine.Parsing.CommandResult command; result = result.Parent)
        {
            yield return command.Command is RootCommand ? "clinicalgpt" : command.Command.Name;
        }
    }
}
