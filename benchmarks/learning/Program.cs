using ClinicalGpt.Orleans.Benchmarks;
using ClinicalGpt.Orleans.Benchmarks.Measuring;
using ClinicalGpt.Orleans.Silo.Hosting;

return await MeasuringProgram.RunAsync(LearningCommand.Create(), args, ExitCodes.For, "what is committed stays, and the same command goes on from there");
