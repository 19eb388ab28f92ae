using System.CommandLine;
using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;

namespace ClinicalGpt.Orleans.Benchmarks.Measuring;

/// <summary>The main method of every benchmark: Ctrl-C and SIGTERM end it in order, a mistake is a line and an exit code.</summary>
public static class MeasuringProgram
{
    private const int ExitInterrupted = 130;

    /// <summary>Carries a command out.</summary>
    /// <param name="command">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="codeOf">The exit code for a problem.</param>
    /// <param name="interrupted">What is said when it was interrupted.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand command, string[] args, Func<ProblemException, int> codeOf, string interrupted)
    {
        using var interruption = new CancellationTokenSource();
        void Interrupt(PosixSignalContext context)
        {
            context.Cancel = !interruption.IsCancellationRequested;
            interruption.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        try
        {
            return await command.Parse(args).InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
        }
        catch (ProblemException e)
        {
            Array.ForEach(e.Problems, p => Console.Error.WriteLine(p));
            return codeOf(e);
        }
        catch (OperationCanceledException) when (interruption.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted; {interrupted}");
            return ExitInterrupted;
        }
    }
}
