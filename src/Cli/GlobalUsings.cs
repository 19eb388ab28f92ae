global using System.CommandLine;
global using ClinicalGpt.Orleans.Abstractions.Errors;
global using ClinicalGpt.Orleans.Silo.Hosting;
