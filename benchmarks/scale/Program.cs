using System.CommandLine;
using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Benchmarks.Scale;
using ClinicalGpt.Orleans.Silo.Hosting;

// Ctrl-C and SIGTERM end the simulation.
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
    return await ScaleCommand.Create().Parse(args).InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, interruption.Token);
}
catch (ProblemException e)
{
    Array.ForEach(e.Problems, p => Console.Error.WriteLine(p));
    return ExitCodes.For(e);
}
catch (OperationCanceledException) when (interruption.IsCancellationRequested)
{
    Console.Error.WriteLine("interrupted; nothing was reported");
    return ExitCodes.Interrupted;
}
