using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Benchmarks.Scale;
using ClinicalGpt.Orleans.Silo.Hosting;

return await MeasuringProgram.RunAsync(ScaleCommand.Create(), args, ExitCodes.For, "nothing was reported");
