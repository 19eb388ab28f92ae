using ClinicalGpt.Orleans.Benchmarks.Iteration;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Silo.Hosting;

return await MeasuringProgram.RunAsync(IterationCommand.Create(), args, ExitCodes.For, "nothing was reported");
