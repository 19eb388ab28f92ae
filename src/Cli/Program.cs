using System.Runtime.InteropServices;
using ClinicalGpt.Orleans.Cli;
using ClinicalGpt.Orleans.Cli.Output;

// Ctrl-C and SIGTERM cancel the command, which says what goes on without it; a second Ctrl-C ends the process at once.
using var interruption = new CancellationTokenSource();
void Interrupt(PosixSignalContext context)
{
    context.Cancel = !interruption.IsCancellationRequested;
    interruption.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
return await CommandLine.RunAsync(args, Terminal.ForProcess(), interruption.Token);
