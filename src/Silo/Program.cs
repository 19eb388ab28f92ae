using ClinicalGpt.Orleans.Silo.Hosting;

return await SiloApplication.RunAsync(args);
