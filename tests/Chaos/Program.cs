using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Abstractions.Errors;
using ClinicalGpt.Orleans.Chaos;
using ClinicalGpt.Orleans.Cluster.Harness;

// Ctrl-C and SIGTERM end the silos and the server that were started.
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
    return await ChaosCommand.Create().Parse(args).InvokeAsync(
        new System.CommandLine.InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
        interruption.Token);
}
catch (ProblemException e)
{
    Array.ForEach(e.Problems, p => Console.Error.WriteLine(p));
    return 1;
}
catch (ClusterException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException) when (interruption.IsCancellationRequested)
{
    Console.Error.WriteLine("interrupted");
    return 130;
}
